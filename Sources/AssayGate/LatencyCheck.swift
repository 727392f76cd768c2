import AssayCore
import AssayEvidence
import AssayStatistics

/// Kind `latency`: a quantile of the time to answer, in itself and against the baseline's.
enum LatencyCheck {
    static func evaluate(
        _ draft: inout CheckDraft, evidence: Evidence, statistics: Policy.StatisticsRule,
        isFirstRun: Bool
    ) {
        guard let quantile = draft.check.quantile else {
            return draft.settle(.missing, "the check names no quantile")
        }
        guard let candidate = evidence.latency["candidate"], !candidate.sample.isEmpty else {
            return draft.settle(.missing, "the candidate's answers were not timed")
        }
        let baseline = isFirstRun ? nil : evidence.latency["baseline"]
        if let reason = candidate.void ?? baseline?.void {
            return draft.settle(.void, reason)
        }
        for limit in draft.check.limits {
            if limit.direction == .max {
                draft.findings.append(
                    absolute(candidate, quantile, limit: limit, undecided: draft.check.undecided))
            } else if isFirstRun {
                draft.details.append(
                    "first run: `\(limit.direction.rawValue)` has no baseline to compare with")
            } else if let baseline, !baseline.sample.isEmpty {
                var generator = Xoshiro256(seed: statistics.seed ^ mixed(draft.check.id))
                guard
                    let ratio = QuantileRatio(
                        quantile.share, first: baseline.sample, second: candidate.sample,
                        replicates: statistics.replicates, using: &generator)
                else {
                    return draft.settle(.void, "the baseline answers in no measurable time")
                }
                draft.findings.append(
                    relative(
                        (baseline, candidate, ratio), quantile, limit: limit,
                        undecided: draft.check.undecided))
            } else {
                return draft.settle(.missing, "the baseline's answers were not timed")
            }
        }
        if draft.findings.isEmpty {
            draft.settle(.notApplicable, "first run: there is no baseline to compare with")
        }
        let starts =
            evidence.arms.filter { $0.name == "baseline" || $0.name == "candidate" }
            .map(\.starts).min() ?? 0
        if starts < 3 {
            draft.details.append(
                "\(starts) fresh start\(starts == 1 ? "" : "s") of an arm: what differs from one "
                    + "start to the next is not in the interval")
        }
    }

    private static func absolute(
        _ latency: Evidence.Latency, _ quantile: Check.Quantile, limit: Limit,
        undecided: Check.Consequence
    ) -> FindingDraft {
        let sorted = latency.sample.sorted()
        let seen = Quantile.value(quantile.share, ofSorted: sorted).map { Double($0) * 1000 }
        let finding = Finding(
            slice: nil, outcome: .undecided, effect: .none, unit: .time, baseline: nil,
            candidate: seen, delta: seen, lower: nil, upper: nil, confidence: nil,
            direction: limit.direction.rawValue, limit: limit.value, limitText: limit.text,
            requests: sorted.count, sessions: sorted.count, count: nil, noise: nil, p: nil,
            pAdjusted: nil, method: "order statistics of \(quantile.rawValue)",
            reason: quantile.rawValue, need: nil, examples: [])
        var draft = FindingDraft(finding: finding, interval: nil, undecided: undecided)
        draft.interval = { confidence in
            let interval = Quantile.interval(
                quantile.share, ofSorted: sorted, confidence: confidence)
            return Interval(
                lower: interval.lower * 1000, upper: interval.upper * 1000, confidence: confidence)
        }
        return draft
    }

    private static func relative(
        _ series: (baseline: Evidence.Latency, candidate: Evidence.Latency, ratio: QuantileRatio),
        _ quantile: Check.Quantile, limit: Limit, undecided: Check.Consequence
    ) -> FindingDraft {
        func seen(_ latency: Evidence.Latency) -> Double? {
            Quantile.value(quantile.share, ofSorted: latency.sample.sorted())
                .map { Double($0) * 1000 }
        }
        let ratio = series.ratio
        let finding = Finding(
            slice: nil, outcome: .undecided, effect: .none, unit: .ratio,
            baseline: seen(series.baseline), candidate: seen(series.candidate),
            delta: ratio.ratio - 1, lower: nil, upper: nil, confidence: nil,
            direction: limit.direction.rawValue, limit: limit.value, limitText: limit.text,
            requests: series.candidate.sample.count, sessions: series.candidate.sample.count,
            count: nil, noise: nil, p: nil, pAdjusted: nil,
            method: "block bootstrap of the ratio of \(quantile.rawValue)",
            reason: quantile.rawValue, need: nil, examples: [])
        var draft = FindingDraft(finding: finding, interval: nil, undecided: undecided)
        draft.interval = { confidence in
            let interval = ratio.interval(confidence: confidence)
            return Interval(
                lower: interval.lower - 1, upper: interval.upper - 1, confidence: confidence)
        }
        return draft
    }

    /// FNV-1a of a check's id, so that two checks do not share their draws.
    private static func mixed(_ id: String) -> UInt64 {
        id.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
