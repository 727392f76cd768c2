/// A confidence interval.
public struct Interval: Hashable, Sendable {
    /// Its ends.
    public let lower: Double, upper: Double

    /// Makes an interval.
    public init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }
}
