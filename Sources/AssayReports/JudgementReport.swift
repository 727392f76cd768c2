import AssayCore
public import AssayGate

/// The human form of a judgement: a line for each check that does not plainly pass, the worst
/// last, then what passed, then the headline and the next command.
public struct JudgementReport: Hashable, Sendable {
    private let judgement: Judgement
    private let style: TextStyle
    private let examples: [String: [String]]

    /// Makes a report. `examples` are lines to show beneath a check, by its id, as
    /// `exampleSideBySide` gives them.
    public init(
        _ judgement: Judgement, style: TextStyle = TextStyle(), examples: [String: [String]] = [:]
    ) {
        self.judgement = judgement
        self.style = style
        self.examples = examples
    }

    /// The report, with a newline after every line.
    public var text: String { lines.map { $0 + "\n" }.joined() }

    /// The lines of the report.
    public var lines: [String] {
        var lines: [String] = []
        for block in blocks { lines += block }
        lines += summary
        lines += remarks
        lines += last
        return lines
    }

    /// How many findings of one check are shown.
    private static let findingLimit = 4

    private var shown: [CheckResult] {
        judgement.checks.enumerated()
            .filter { $0.element.outcome != .pass && $0.element.outcome != .notApplicable }
            .sorted { ($0.element.effect, $0.offset) < ($1.element.effect, $1.offset) }
            .map(\.element)
    }

    /// One block of lines for each check that is shown; the table is aligned over all of them.
    private var blocks: [[String]] {
        var rows: [[String]] = []
        var marks: [(check: Int, effect: Effect)] = []
        let checks = shown
        for (index, check) in checks.enumerated() {
            let findings = worst(check)
            if findings.isEmpty {
                rows.append([FindingWords.symbol(check.effect, check.outcome), check.id])
                marks.append((index, check.effect))
            }
            for finding in findings {
                rows.append(cells(check, finding))
                marks.append((index, finding.effect))
            }
        }
        let aligned = Columns.align(rows, width: style.width, flexible: 2)
        var blocks = Array(repeating: [String](), count: checks.count)
        for (line, mark) in zip(aligned, marks) {
            blocks[mark.check].append(paint(line, mark.effect))
        }
        for (index, check) in checks.enumerated() { blocks[index] += beneath(check) }
        return blocks
    }

    private func worst(_ check: CheckResult) -> [Finding] {
        Array(
            check.findings.filter { $0.outcome != .pass }.enumerated()
                .sorted { ($1.element.effect, $0.offset) < ($0.element.effect, $1.offset) }
                .map(\.element).prefix(Self.findingLimit))
    }

    private func paint(_ line: String, _ effect: Effect) -> String {
        switch effect {
        case .block: style.paint(line, .red)
        case .hold, .warn: style.paint(line, .yellow)
        case .none: line
        }
    }

    private func cells(_ check: CheckResult, _ finding: Finding) -> [String] {
        [
            FindingWords.symbol(finding.effect, finding.outcome), check.id,
            SafeText.clean(finding.slice ?? ""), FindingWords.change(finding),
            FindingWords.effect(finding), "limit \(finding.limitText)", FindingWords.size(finding),
        ]
    }

    /// What stands beneath the line of a check: why, where, which exchange.
    private func beneath(_ check: CheckResult) -> [String] {
        var lines: [String] = []
        func add(_ text: String, painted color: TextStyle.Color? = nil) {
            let safe = SafeText.clean(text)
            for line in Columns.wrap(safe, width: style.width, first: 4, indent: 6) {
                lines.append(color.map { style.paint(line, $0) } ?? line)
            }
        }
        let hidden = check.findings.count { $0.outcome != .pass } - Self.findingLimit
        if hidden > 0 { add("and \(hidden) more slices") }
        let isAllowed = check.effect == .none ? " (allowed at \(judgement.stage))" : ""
        add("\(check.reason)\(isAllowed) (\(judgement.policySource):\(check.line))")
        for field in check.fields {
            let requests = field.count == 1 ? "request" : "requests"
            add("\(field.path)  \(field.kind) in \(Numbers.grouped(field.count)) \(requests)")
        }
        if !check.fields.isEmpty, !judgement.changed.isEmpty, !judgement.firstRun {
            add("changed: \(changes)")
        }
        for detail in check.details { add(detail, painted: .dim) }
        if let example = check.examples.first { add("example: exchange \(example)") }
        lines += (examples[check.id] ?? []).map { "    \($0)" }
        return lines
    }

    private var changes: String {
        judgement.changed.map { name in
            judgement.changes[name].map { "\(name) (\($0))" } ?? name
        }.joined(separator: ", ")
    }

    private var summary: [String] {
        var parts: [String] = []
        let passed = judgement.checks.filter { $0.outcome == .pass }
        if !passed.isEmpty { parts.append(style.paint("✓ \(passed.count) passed", .green)) }
        let skipped = judgement.checks.filter { $0.outcome == .notApplicable }
        if !skipped.isEmpty {
            let reasons = skipped.map { "\($0.id): \($0.reason)" }.joined(separator: "; ")
            parts.append("– \(skipped.count) not applicable (\(SafeText.clean(reasons)))")
        }
        if let identity = passed.first(where: { $0.kind == Check.Kind.identity.rawValue }),
            let finding = identity.findings.first, let share = finding.candidate
        {
            let who = judgement.firstRun ? "candidate" : "baseline"
            parts.append(
                "\(who) reproduced production: \(((1 - share) * 100).fixed(2)) % of "
                    + Numbers.grouped(finding.requests))
        }
        let line = parts.joined(separator: "   ")
        return line.isEmpty ? [] : style.isColored || line.count <= style.width ? [line] : parts
    }

    private var remarks: [String] {
        var texts = judgement.notes.map { "note: \($0)" }
        for key in judgement.notChecked.keys.sorted() {
            let names = judgement.notChecked[key]?.joined(separator: ", ") ?? ""
            texts.append("not checked: \(key) \(names)")
        }
        return texts.flatMap { Columns.wrap(SafeText.clean($0), width: style.width, indent: 2) }
            .map { style.paint($0, .dim) }
    }

    /// The headline and the next command: the last lines, and the only ones many will read.
    private var last: [String] {
        let color: TextStyle.Color =
            switch judgement.decision {
            case .pass: .green
            case .blocked: .red
            case .hold: .yellow
            }
        let next = judgement.next.first.map { "Next: \(SafeText.clean($0))" }
        let headline = SafeText.clean(judgement.headline)
        if let next, headline.count + next.count + 2 <= style.width {
            return [style.paint("\(headline). ", color) + next]
        }
        return Columns.wrap(headline, width: style.width, indent: 2).map { style.paint($0, color) }
            + (next.map { [$0] } ?? [])
    }
}
