import AssayCore
import AssayEvidence
import AssayStatistics

/// How many more exchanges fail with the candidate than with the baseline?
///
/// Both sides answer the same exchanges, so only those where one fails and the other does not say
/// anything about the difference. Each of the two shares gets an interval at half the error, and the
/// difference lies between their ends (Bonferroni), whatever the dependence.
struct ErrorsJudge {
    let check: Check
    let confidence: Double
    let replay: JudgeInput.Replayed

    func judge(_ result: inout CheckResult) {
        let rows = replay.rows.filter { $0.arms["candidate"] != nil }
        guard let limit = check.limit, !rows.isEmpty else {
            result.reason = "the candidate answered nothing"
            return
        }
        let other = rows.contains { $0.arms["baseline"] != nil } ? "baseline" : "recorded"
        func share(_ isEvent: (ExchangeOutcome) -> Bool) -> ClusteredProportion {
            ShareJudge.proportion(
                rows.map {
                    let event = isEvent($0)
                    return .init(session: $0.session, isCertain: event, isPossible: event)
                }
            ) { $0.isCertain }
        }
        let failing = share { $0.arms["candidate"]?.isError ?? false }
        let before = share { $0.arms[other]?.isError ?? false }
        result.requests = failing.trials
        result.sessions = failing.sessions
        result.candidate = failing.share
        result.baseline = before.share
        result.examples = rows.filter { $0.arms["candidate"]?.isError ?? false }.prefix(5).map(
            \.exchange)
        switch limit {
        case .share(let allowed):
            let interval = failing.interval(confidence: confidence)
            decide(interval, allowed, &result)
            result.method = "Korn-Graubard, sessions"
            result.p = failing.harm(beyond: allowed)
            result.needed = failing.needed(within: allowed, confidence: confidence)
        case .shareIncrease(let allowed):
            let newly = share {
                ($0.arms["candidate"]?.isError ?? false) && !($0.arms[other]?.isError ?? false)
            }
            let mended = share {
                !($0.arms["candidate"]?.isError ?? false) && ($0.arms[other]?.isError ?? false)
            }
            let half = 1 - (1 - confidence) / 2
            let up = newly.interval(confidence: half)
            let down = mended.interval(confidence: half)
            decide(
                Interval(lower: up.lower - down.upper, upper: up.upper - down.lower), allowed,
                &result)
            result.method = "paired, Korn-Graubard with Bonferroni, sessions"
            result.p = newly.harm(beyond: min(1, allowed + down.upper))
            result.needed = newly.needed(within: allowed, confidence: half)
        default:
            result.outcome = .void
            result.reason = "the limit does not fit errors"
        }
    }

    private func decide(_ interval: Interval, _ allowed: Double, _ result: inout CheckResult) {
        result.lower = interval.lower
        result.upper = interval.upper
        result.outcome =
            interval.upper <= allowed ? .pass : interval.lower > allowed ? .fail : .undecided
        let percent = { (share: Double) in (share * 100).fixed(2) }
        result.reason =
            "\(percent(result.candidate ?? 0)) % of \(result.requests) requests fail, "
            + "\(percent(result.baseline ?? 0)) % did; the difference is between "
            + "\(percent(interval.lower)) and \(percent(interval.upper)) pp"
    }
}
