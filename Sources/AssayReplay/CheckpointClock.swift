/// Tells when what a replay gathered is to be kept: every so often, and so seldom that keeping takes
/// no more than a twentieth of the time. All times are nanoseconds of one monotonic clock.
struct CheckpointClock: Sendable {
    private let interval: Int64
    private var next: Int64
    private var begunAt: Int64?

    private static let share: Int64 = 20

    init(every interval: Int64, now: Int64) {
        self.interval = interval
        next = now + interval
    }

    /// Whether it is time; if so, it is nobody's time again until `ended`.
    mutating func begins(at now: Int64) -> Bool {
        guard begunAt == nil, now >= next else { return false }
        begunAt = now
        return true
    }

    /// Says that keeping has ended.
    mutating func ended(at now: Int64) {
        guard let begunAt else { return }
        next = now + max(interval, Self.share * (now - begunAt))
        self.begunAt = nil
    }
}
