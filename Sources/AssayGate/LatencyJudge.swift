import AssayCore
import AssayEvidence
import AssayStatistics

/// How slow is the candidate at a quantile, by itself or against the baseline?
///
/// The interval of each side's quantile is that of its order statistics; the ratio lies between the
/// quotients of their ends at half the error each (Bonferroni).
struct LatencyJudge {
    let check: Check
    let quantile: Double
    let confidence: Double
    let replay: JudgeInput.Replayed

    func judge(_ result: inout CheckResult) {
        let latency = replay.evidence.latency
        guard let candidate = latency["candidate"], let limit = check.limit, candidate.count > 0
        else {
            result.reason = "the candidate was not timed"
            return
        }
        result.requests = candidate.count
        result.sessions = replay.evidence.capture.sessions
        result.method = "order statistics"
        result.unit = "ns"
        if let reason = candidate.void ?? latency["baseline"]?.void {
            result.outcome = .void
            result.reason = reason
            return
        }
        let half = 1 - (1 - confidence) / 2
        switch limit {
        case .duration(let allowed):
            guard let found = interval(candidate, confidence) else { return tooFew(&result) }
            result.candidate = found.value
            decide(found.interval, Double(allowed), &result) { "\(($0 / 1e6).fixed(2)) ms" }
        case .relativeIncrease(let allowed):
            guard let baseline = latency["baseline"] else {
                result.outcome = .notApplicable
                result.reason = "there is no baseline to compare with"
                return
            }
            guard let new = interval(candidate, half), let old = interval(baseline, half),
                old.interval.lower > 0
            else { return tooFew(&result) }
            result.candidate = new.value
            result.baseline = old.value
            result.unit = "ratio"
            let ratio = Interval(
                lower: new.interval.lower / old.interval.upper,
                upper: new.interval.upper / old.interval.lower)
            decide(ratio, 1 + allowed, &result) { "\($0.fixed(3)) times the baseline's" }
        default:
            result.outcome = .void
            result.reason = "the limit does not fit latency"
        }
    }

    /// The quantile in nanoseconds; samples are in microseconds.
    private func interval(
        _ latency: Evidence.Latency, _ confidence: Double
    ) -> (value: Double, interval: Interval)? {
        Quantile.interval(of: latency.sample.sorted(), at: quantile, confidence: confidence).map {
            (
                $0.value * 1000,
                Interval(lower: $0.interval.lower * 1000, upper: $0.interval.upper * 1000)
            )
        }
    }

    private func tooFew(_ result: inout CheckResult) {
        result.outcome = .undecided
        result.reason =
            "\(result.requests) timed answers are too few for an interval of this quantile"
    }

    private func decide(
        _ interval: Interval, _ allowed: Double, _ result: inout CheckResult,
        _ text: (Double) -> String
    ) {
        result.lower = interval.lower
        result.upper = interval.upper
        result.outcome =
            interval.upper <= allowed ? .pass : interval.lower > allowed ? .fail : .undecided
        result.reason = "between \(text(interval.lower)) and \(text(interval.upper))"
    }
}
