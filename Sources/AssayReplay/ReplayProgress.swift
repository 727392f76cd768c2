/// How far a replay is, for a progress line.
public struct ReplayProgress: Hashable, Sendable {
    /// What is being done.
    public var phase: Phase
    /// The arm that is being served, where they are one after another, as in `baseline (1 of 3)`.
    public var arm: String?
    /// Exchanges that are done in this phase, of how many; of that arm, if one is named.
    public var done: Int, total: Int
    /// Exchanges per second in this phase so far.
    public var rate: Double
    /// The time that is left at that rate, of all arms; `nil` while there is none.
    public var timeLeft: Duration?
    /// Exchanges without an answer, by arm name.
    public var errors: [String: Int]
    /// Exchanges that differ between recorded and baseline, and between baseline and candidate.
    public var identityDiffering: Int, effectDiffering: Int

    /// The phases of a replay, in their order.
    public enum Phase: String, Hashable, Sendable {
        case starting, replaying, confirming, finishing
    }

    /// Makes a progress.
    public init(
        phase: Phase, done: Int = 0, total: Int = 0, rate: Double = 0, timeLeft: Duration? = nil,
        errors: [String: Int] = [:], identityDiffering: Int = 0, effectDiffering: Int = 0
    ) {
        self.phase = phase
        self.done = done
        self.total = total
        self.rate = rate
        self.timeLeft = timeLeft
        self.errors = errors
        self.identityDiffering = identityDiffering
        self.effectDiffering = effectDiffering
    }
}
