/// Notices a body that drips: less than a number of bytes in each span of time.
///
/// A body that does not move at all is noticed by the connection's own time-out; this one is asked
/// whenever something moved.
struct StallGuard: Sendable {
    let span: Duration
    let slowest: Int
    private var since: ContinuousClock.Instant
    private var moved = 0

    init(span: Duration, slowest: Int, now: ContinuousClock.Instant) {
        self.span = span
        self.slowest = slowest
        since = now
    }

    /// Counts bytes that moved; gives whether too few did in the span that ended.
    mutating func isTooSlow(after count: Int, now: ContinuousClock.Instant) -> Bool {
        moved += count
        guard now - since >= span else { return false }
        let isSlow = moved < slowest
        since = now
        moved = 0
        return isSlow
    }
}
