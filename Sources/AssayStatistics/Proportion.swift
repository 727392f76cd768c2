import Glibc

/// Intervals and tests of a share, for independent units.
public enum Proportion {
    /// The exact interval of Clopper and Pearson (Biometrika 26, 1934) for `events` in `trials`.
    ///
    /// Both may be fractions, as effective counts are. `confidence` is two-sided.
    public static func clopperPearson(events: Double, trials: Double, confidence: Double)
        -> Interval
    {
        guard trials > 0 else { return Interval(lower: 0, upper: 1) }
        let tail = (1 - confidence) / 2
        let lower =
            events <= 0 ? 0 : BetaDistribution.quantile(tail, events, trials - events + 1)
        let upper =
            events >= trials ? 1 : BetaDistribution.quantile(1 - tail, events + 1, trials - events)
        return Interval(lower: lower, upper: upper)
    }

    /// The chance of `events` or more in `trials` when the share is `share`: the exact one-sided
    /// test of "the share is at most that". P(X >= k) = I_p(k, n - k + 1).
    public static func upperTail(events: Double, trials: Double, share: Double) -> Double {
        guard events > 0, trials > 0 else { return 1 }
        return BetaDistribution.cumulative(share, events, trials - events + 1)
    }
}
