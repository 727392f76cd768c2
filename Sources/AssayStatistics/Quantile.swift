/// Quantiles of a sample and their intervals.
public enum Quantile {
    /// The value at rank ⌈n·q⌉ of sorted values (Hyndman and Fan's type 1): always one of them.
    public static func value(_ q: Double, ofSorted sorted: [Int64]) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        return sorted[rank(q, count: sorted.count)]
    }

    static func rank(_ q: Double, count: Int) -> Int {
        min(count - 1, max(0, Int((q * Double(count)).rounded(.up)) - 1))
    }

    /// An interval for the quantile between two order statistics, whatever the distribution.
    ///
    /// The ranks are those at which the binomial tails fall to half of what the confidence leaves
    /// (David and Nagaraja, Order Statistics, section 7.1). Where the sample is too small for an
    /// end, that end is infinite.
    public static func interval(
        _ q: Double, ofSorted sorted: [Int64], confidence: Double
    ) -> Interval {
        let count = sorted.count
        let tail = Interval.tail(confidence)
        // The largest j with P(X < j) ≤ tail, X ~ Bin(n, q): the j-th value is the lower end.
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high + 1) / 2
            if Binomial.cumulative(middle - 1, trials: count, p: q) <= tail {
                low = middle
            } else {
                high = middle - 1
            }
        }
        let lower = low >= 1 ? Double(sorted[low - 1]) : -.infinity
        // The smallest k with P(X ≥ k) ≤ tail: the k-th value is the upper end.
        low = 1
        high = count + 1
        while low < high {
            let middle = (low + high) / 2
            if 1 - Binomial.cumulative(middle - 1, trials: count, p: q) <= tail {
                high = middle
            } else {
                low = middle + 1
            }
        }
        let upper = low <= count ? Double(sorted[low - 1]) : .infinity
        return Interval(lower: lower, upper: upper, confidence: confidence)
    }
}
