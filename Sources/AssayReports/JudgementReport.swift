import AssayCore
public import AssayGate

/// A judgement for people: a line for each check that does not plainly pass, worst last, then what
/// passed, then the headline.
public struct JudgementReport: Sendable {
    private let judgement: Judgement

    /// Prepares to render.
    public init(_ judgement: Judgement) {
        self.judgement = judgement
    }

    /// The lines, without colour; the most important is the last.
    public var lines: [String] {
        var lines = identity
        let notable = judgement.checks.filter { $0.effect != .none }
            .sorted { weight($0) < weight($1) }
        let idWidth = notable.map(\.id.count).max() ?? 0
        for check in notable {
            let name = check.id + String(repeating: " ", count: idWidth - check.id.count)
            let slice = check.slice.map { "  \($0)" } ?? ""
            lines.append("\(Self.mark(check)) \(name)\(slice)  \(check.reason)\(limit(check))")
            if check.outcome != .pass, !check.fields.isEmpty { lines += table(check.fields) }
            if let need = need(check) { lines.append("  \(need)") }
        }
        lines += summary
        for note in judgement.notChecked { lines.append("note: \(note)") }
        if !judgement.changed.isEmpty, judgement.decision != .pass {
            for (component, detail) in judgement.changed.sorted(by: { $0.key < $1.key }) {
                lines.append("changed: \(component): \(detail)")
            }
        }
        lines.append(judgement.headline)
        return lines
    }

    /// What the identity run showed, which everything else rests on.
    private var identity: [String] {
        guard let identity = judgement.checks.first(where: { $0.kind == "identity" }),
            let share = identity.candidate, identity.requests > 0
        else { return [] }
        let who = judgement.isFirstRun ? "this bundle" : "the baseline"
        return [
            "\(who), run here, reproduced \(((1 - share) * 100).fixed(2)) % of \(identity.requests) of "
                + "production's answers"
        ]
    }

    private var summary: [String] {
        let passed = judgement.checks.filter { $0.outcome == .pass }.map(\.id)
        let skipped = judgement.checks.filter { $0.outcome == .notApplicable }
        let quiet = judgement.checks.filter { $0.outcome == .undecided && $0.effect == .none }.map(
            \.id)
        var lines: [String] = []
        if !passed.isEmpty { lines.append("✓ passed: \(passed.joined(separator: ", "))") }
        if !quiet.isEmpty {
            lines.append(
                "? not decided, and not asked to be at this stage: \(quiet.joined(separator: ", "))"
            )
        }
        for check in skipped { lines.append("– not applicable: \(check.id) (\(check.reason))") }
        return lines
    }

    private func limit(_ check: CheckResult) -> String {
        check.limit.isEmpty ? "" : "  limit \(check.limit)"
    }

    private func need(_ check: CheckResult) -> String? {
        guard check.outcome == .undecided, let needed = check.needed, needed > check.requests else {
            return nil
        }
        return "needs about \(needed) requests, has \(check.requests)"
    }

    private func table(_ fields: [CheckResult.Field]) -> [String] {
        let rows = fields.prefix(6).map { field in
            [
                field.path, field.kind, "\(field.count)", "\((field.share * 100).fixed(2)) %",
                "[\((field.lower * 100).fixed(2)), \((field.upper * 100).fixed(2))]",
            ]
        }
        return TextTable(
            header: ["field", "kind", "requests", "share", "interval %"], rows: Array(rows),
            rightAligned: [2, 3]
        ).lines.map { "    \($0)" }
    }

    private func weight(_ check: CheckResult) -> Int {
        switch check.effect {
        case .none: 0
        case .warn: 1
        case .hold: 2
        case .block: 3
        }
    }

    private static func mark(_ check: CheckResult) -> String {
        switch check.effect {
        case .block: "✗"
        case .hold: "?"
        case .warn: "!"
        case .none: "·"
        }
    }
}
