/// An interval for an unknown number, and the share of such intervals that cover it.
public struct Interval: Hashable, Sendable {
    /// The ends.
    public var lower: Double, upper: Double
    /// The two-sided confidence, as in 0.95: each side has half of the rest.
    public var confidence: Double

    /// Makes an interval.
    public init(lower: Double, upper: Double, confidence: Double) {
        self.lower = lower
        self.upper = upper
        self.confidence = confidence
    }

    /// Half of what the confidence leaves: the chance of a miss on one side.
    static func tail(_ confidence: Double) -> Double { (1 - confidence) / 2 }
}

/// Turns a family of nested intervals into the p value of "the number is beyond the limit".
public enum IntervalTest {
    /// The smallest alpha at which the interval of confidence 1 − alpha lies wholly above `limit`.
    ///
    /// Two-sided: it is compared with the same alpha as the interval. Found by bisection on a
    /// logarithmic scale, to about six digits; at least 1e-12. Costs some 50 intervals.
    public static func pValue(
        above limit: Double, interval: (_ confidence: Double) -> Interval
    ) -> Double {
        func isAbove(_ alpha: Double) -> Bool { interval(1 - alpha).lower > limit }
        let smallest = 1e-12
        if isAbove(smallest) { return smallest }
        var inside = smallest
        var outside = 0.9999
        guard isAbove(outside) else { return 1 }
        while outside / inside > 1.000001 {
            let middle = (inside * outside).squareRoot()
            if isAbove(middle) { outside = middle } else { inside = middle }
        }
        return outside
    }
}
