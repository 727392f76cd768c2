import AssayCapture
import AssayCore

/// Which exchanges of a capture a run is about, in counts.
struct ReplaySelection: Sendable {
    /// The ids of a sample, of all shards; `nil` for the whole capture.
    let chosen: Set<String>?
    /// Exchanges of this shard, and of those the chosen with their sessions.
    let whole: Int, total: Int, sessions: Int

    /// Selects as a plan says. A sample or a shard costs a read of the index, and a few bytes for each
    /// session.
    init(_ plan: ReplayPlan, of capture: Capture) throws(AssayError) {
        chosen = try plan.sample.map { count throws(AssayError) in
            try capture.sample(requests: count, seed: plan.seed)
        }
        guard chosen != nil || plan.shard != nil else {
            whole = capture.summary.exchanges
            total = whole
            sessions = capture.summary.sessions
            return
        }
        var whole = 0
        var total = 0
        var sessions: Set<Int> = []
        let chosen = chosen
        try capture.forEachSession { id, session in
            guard plan.shard?.contains(session: session) ?? true else { return }
            whole += 1
            guard chosen?.contains(id) ?? true else { return }
            total += 1
            sessions.insert(session.hashValue)
        }
        (self.whole, self.total, self.sessions) = (whole, total, sessions.count)
    }
}
