import AssayCore
import AssayStatistics

/// Turns a draft into a result: outcomes, what they do, and why in words.
struct Consequences {
    let stage: Stage
    let confidence: Double

    func result(of draft: CheckDraft) -> CheckResult {
        let check = draft.check
        var result = CheckResult(
            id: check.id, kind: check.kind.rawValue, capture: check.capture, line: check.line,
            outcome: .missing, effect: .hold, reason: "nothing was measured", findings: [],
            fields: draft.fields, details: draft.details, examples: draft.examples,
            next: draft.next)
        if let settled = draft.settled {
            result.outcome = settled.outcome
            result.reason = settled.reason
            result.effect = effect(of: settled.outcome, undecided: check.undecided, check: check)
        } else {
            result.findings = draft.findings.map { finding($0, draft: draft) }
            // As bad as its worst finding; the first of equals, and all requests come first.
            if let worst = result.findings.enumerated().min(by: { left, right in
                (weight(right.element), left.offset) < (weight(left.element), right.offset)
            })?.element {
                result.outcome = worst.outcome
                result.effect = worst.effect
                result.reason = worst.slice.map { "\($0): \(worst.reason)" } ?? worst.reason
                if result.examples.isEmpty || worst.slice != nil, !worst.examples.isEmpty {
                    result.examples = worst.examples
                }
                if result.outcome == .undecided || result.outcome == .fail,
                    let evidence = draft.evidence
                {
                    let slice = worst.slice.map { " --slice \(quoted($0))" } ?? ""
                    result.next.append("assay show \(evidence.short) --check \(check.id)\(slice)")
                }
            }
        }
        if result.findings.isEmpty, result.effect > .none, let evidence = draft.evidence {
            result.next.append("assay show \(evidence.short) --check \(check.id)")
        }
        return result
    }

    private func weight(_ finding: Finding) -> Int {
        let effects = Effect.allCases.firstIndex(of: finding.effect) ?? 0
        let outcome = finding.outcome == .fail ? 2 : finding.outcome == .pass ? 0 : 1
        return effects * 4 + outcome
    }

    private func quoted(_ slice: String) -> String {
        let isPlain = slice.allSatisfy { $0.isLetter || $0.isNumber || "=_-.".contains($0) }
        let inside = slice.split(separator: "'", omittingEmptySubsequences: false)
        return isPlain ? slice : "'\(inside.joined(separator: "'\\''"))'"
    }

    /// What an outcome does at this stage.
    func effect(
        of outcome: Outcome, undecided: Check.Consequence, check: Check
    ) -> Effect {
        let worst: Effect
        switch outcome {
        case .pass, .notApplicable: return .none
        case .unmatched, .unusable: return .hold
        case .fail: worst = .block
        case .undecided, .void: worst = effect(of: stage.undecided ?? undecided)
        case .missing: worst = effect(of: check.missing)
        }
        // Identity holds the candidate and never blames it; a warning never stops one.
        var most = check.kind == .identity ? Effect.hold : .block
        if check.severity == .warn { most = .warn }
        return min(worst, most)
    }

    private func effect(of consequence: Check.Consequence) -> Effect {
        switch consequence {
        case .pass: .none
        case .warn: .warn
        case .hold: .hold
        case .fail: .block
        }
    }

    private func finding(_ draft: FindingDraft, draft check: CheckDraft) -> Finding {
        var finding = draft.finding
        finding.outcome = draft.isHarm ? .fail : draft.isSafe ? .pass : .undecided
        finding.reason = reason(draft, subject: draft.finding.reason, check: check)
        if finding.outcome == .undecided { finding.need = need(draft) }
        if finding.outcome == .pass, let shortfall = check.shortfall {
            finding.outcome = .undecided
            finding.need = shortfall.need
            finding.reason =
                "\(shortfall.have) requests are there, \(shortfall.need) are asked for"
        }
        finding.effect = effect(
            of: finding.outcome, undecided: draft.undecided, check: check.check)
        return finding
    }

    private func need(_ draft: FindingDraft) -> Int? {
        let finding = draft.finding
        guard finding.unit != .count, let delta = finding.delta else { return nil }
        if finding.unit == .share {
            let size = SampleSize.share(seen: delta, limit: finding.limit, confidence: confidence)
            guard let size else { return nil }
            let requests = Double(size) * max(1, draft.designEffect)
            return requests < 1e12 ? Int(requests.rounded(.up)) : nil
        }
        if finding.unit == .points, finding.candidate == 0, finding.baseline == 0 {
            let size = SampleSize.paired(limit: finding.limit, confidence: confidence)
            return size.map { Int((Double($0) * max(1, draft.designEffect)).rounded(.up)) }
        }
        guard let lower = finding.lower, let upper = finding.upper else { return nil }
        return SampleSize.shrinking(
            halfWidth: (upper - lower) / 2, distance: (delta - finding.limit).magnitude,
            have: finding.requests, confidence: confidence)
    }

    private func reason(_ draft: FindingDraft, subject: String, check: CheckDraft) -> String {
        let finding = draft.finding
        let range = Measure.interval(finding)
        if finding.unit == .count {
            let things =
                finding.limitText.hasSuffix("s") && check.check.kind == .knownBugs
                ? "cases" : "requests"
            let counted = "\(finding.count ?? 0) of \(finding.requests) \(things) \(subject)"
            let allowed = "\(finding.limitText) allowed"
            if draft.isHarm { return "\(counted); \(allowed); the rate is \(range)" }
            if !draft.isSafe {
                return "\(counted), and \(draft.unknown) more may; \(allowed)"
            }
            let open = finding.upper.map { "; a rate up to \(Words.percent($0)) stays open" } ?? ""
            return "\(counted)\(open)"
        }
        let value = Measure.text(finding.delta, unit: finding.unit, isSigned: true)
        let what =
            switch finding.unit {
            case .share: "\(value) \(subject)"
            case .points: "\(value) \(subject)"
            case .ratio: "\(subject) changed by \(value)"
            default: "\(subject) is \(value)"
            }
        if draft.isHarm { return "\(what), \(range), wholly beyond \(finding.limitText)" }
        if draft.isSafe { return "\(what), \(range), within \(finding.limitText)" }
        if let lower = finding.lower, lower > finding.limit {
            return "\(what), \(range), beyond \(finding.limitText) alone but not among all that "
                + "was tested"
        }
        return "\(what), \(range), on both sides of \(finding.limitText)"
    }
}

/// Numbers of a finding in words.
public enum Measure {
    /// A number with the unit it is shown in: percent, percentage points, milliseconds.
    public static func text(
        _ value: Double?, unit: Finding.Unit, isSigned: Bool = false
    ) -> String {
        guard let value else { return "∞" }
        let sign = isSigned && value > 0 && (unit == .points || unit == .ratio) ? "+" : ""
        switch unit {
        case .share: return "\(Words.trimmed(value * 100))%"
        case .points: return "\(sign)\(Words.trimmed(value * 100))pp"
        case .ratio: return "\(sign)\(Words.trimmed(value * 100))%"
        case .time: return "\(Words.trimmed(value / 1e6))ms"
        case .count: return Words.trimmed(value)
        }
    }

    /// The interval in brackets; the rate's, for a count. Empty where there is none.
    public static func interval(_ finding: Finding) -> String {
        guard finding.confidence != nil else { return "" }
        let scale =
            switch finding.unit {
            case .time: 1e-6
            default: 100.0
            }
        let lower = finding.lower.map { Words.trimmed($0 * scale) } ?? "-∞"
        let upper = finding.upper.map { Words.trimmed($0 * scale) } ?? "∞"
        let unit =
            switch finding.unit {
            case .points: "pp"
            case .time: "ms"
            default: "%"
            }
        return "[\(lower), \(upper)]\(unit)"
    }
}
