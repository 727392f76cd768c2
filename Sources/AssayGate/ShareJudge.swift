import AssayCore
import AssayEvidence
import AssayStatistics

/// Decides a share of exchanges against a limit, with what is certain and what is merely possible.
struct ShareJudge {
    /// One exchange: certain to differ, or possibly so.
    struct Row {
        let session: String
        let isCertain: Bool, isPossible: Bool
    }

    let confidence: Double

    /// Decides and fills the result in. An empty list is missing.
    func judge(_ rows: [Row], limit: Limit, into result: inout CheckResult) {
        guard !rows.isEmpty else {
            result.outcome = .missing
            return
        }
        let certain = Self.proportion(rows) { $0.isCertain }
        let possible = Self.proportion(rows) { $0.isPossible }
        result.requests = certain.trials
        result.sessions = certain.sessions
        result.candidate = certain.share
        let low = certain.interval(confidence: confidence)
        let high = possible.interval(confidence: confidence)
        result.lower = low.lower
        result.upper = high.upper
        result.method = "Korn-Graubard, sessions"
        let percent = { (share: Double) in "\((share * 100).fixed(2)) %" }
        let measured =
            "\(percent(certain.share)) of \(certain.trials) requests differ, "
            + "between \(percent(low.lower)) and \(percent(high.upper))"
        switch limit {
        case .census(let allowed, let unit):
            result.method = "census; rate by Korn-Graubard, sessions"
            let isBeyond = certain.events > allowed
            let isSure = possible.events <= allowed
            result.outcome = isBeyond ? .fail : isSure ? .pass : .undecided
            result.reason =
                "\(certain.events) of \(certain.trials) \(unit) differ, at most \(allowed) may; the rate is "
                + "between \(percent(low.lower)) and \(percent(high.upper))"
        case .share(let share):
            result.p = certain.harm(beyond: share)
            result.needed = possible.needed(within: share, confidence: confidence)
            if high.upper <= share {
                result.outcome = .pass
            } else if low.lower > share {
                result.outcome = .fail
            } else {
                result.outcome = .undecided
            }
            result.reason = measured
        default:
            result.outcome = .void
            result.reason = "the limit does not fit a share"
        }
    }

    static func proportion(_ rows: [Row], _ isEvent: (Row) -> Bool) -> ClusteredProportion {
        var sessions: [String: (trials: Int, events: Int)] = [:]
        for row in rows {
            sessions[row.session, default: (0, 0)].trials += 1
            if isEvent(row) { sessions[row.session, default: (0, 0)].events += 1 }
        }
        return ClusteredProportion(sessions: sessions.sorted { $0.key < $1.key }.map(\.value))
    }
}
