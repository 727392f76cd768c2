import Glibc

/// Intervals of quantiles from order statistics: exact for any continuous distribution.
public enum Quantile {
    /// The sample quantile and its interval; `nil` if the sample is too small for the confidence.
    ///
    /// The count of values below the true quantile q is binomial(n, q), so the order statistics whose
    /// ranks enclose its central part enclose the quantile (David and Nagaraja, Order Statistics,
    /// section 7.1). `sorted` ascends. Costs a bisection of ranks.
    public static func interval(
        of sorted: [Int64], at quantile: Double, confidence: Double
    ) -> (value: Double, interval: Interval)? {
        let n = sorted.count
        guard n > 0 else { return nil }
        let tail = (1 - confidence) / 2
        // The chance that at most k values lie below the quantile.
        func cumulative(_ k: Int) -> Double {
            k >= n ? 1 : 1 - BetaDistribution.cumulative(quantile, Double(k + 1), Double(n - k))
        }
        func firstRank(_ isEnough: (Int) -> Bool) -> Int {
            var low = 0
            var high = n
            while low < high {
                let middle = (low + high) / 2
                if isEnough(middle) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let lowRank = firstRank { cumulative($0) > tail } - 1
        let highRank = firstRank { cumulative($0) >= 1 - tail }
        guard lowRank >= 0, highRank < n else { return nil }
        let index = min(n - 1, Int((quantile * Double(n)).rounded(.up)) - 1)
        return (
            Double(sorted[max(0, index)]),
            Interval(lower: Double(sorted[lowRank]), upper: Double(sorted[highRank]))
        )
    }
}
