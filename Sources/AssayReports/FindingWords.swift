import AssayGate

/// The numbers of a finding in words, the same in every form of a report.
enum FindingWords {
    /// A mark that says what an outcome does without colour.
    static func symbol(_ effect: Effect, _ outcome: Outcome) -> String {
        switch effect {
        case .block: "✗"
        case .hold: outcome == .fail ? "✗" : "?"
        case .warn: "!"
        case .none: outcome == .pass ? "✓" : "·"
        }
    }

    /// From the baseline's number to the candidate's, or how many of how many.
    static func change(_ finding: Finding) -> String {
        if finding.unit == .count {
            return "\(finding.count ?? 0) of \(Numbers.grouped(finding.requests))"
        }
        let isTime = finding.unit == .ratio || finding.unit == .time
        let unit: Finding.Unit = isTime ? .time : .share
        let candidate = Measure.text(finding.candidate, unit: unit)
        return finding.baseline.map { "\(Measure.text($0, unit: unit)) → \(candidate)" }
            ?? candidate
    }

    /// The difference with its interval; the rate's, for a count.
    static func effect(_ finding: Finding) -> String {
        if finding.unit == .count { return "rate \(Measure.interval(finding))" }
        let unit: Finding.Unit = finding.unit == .share ? .points : finding.unit
        return Measure.text(finding.delta, unit: unit, isSigned: true) + " "
            + Measure.interval(finding)
    }

    /// How many requests there are, and how many are needed where they do not suffice.
    static func size(_ finding: Finding) -> String {
        finding.need.map {
            "needs ~\(Numbers.grouped($0)) requests, has \(Numbers.grouped(finding.requests))"
        } ?? "n=\(Numbers.grouped(finding.requests))"
    }
}
