/// Intervals for one proportion of independent trials.
public enum Proportion {
    /// Clopper and Pearson's exact interval (Biometrika 26, 1934), from beta quantiles.
    ///
    /// `successes` and `trials` may be fractions, as effective sizes are. No trials leave [0, 1].
    public static func clopperPearson(
        successes: Double, trials: Double, confidence: Double
    ) -> Interval {
        guard trials > 0 else { return Interval(lower: 0, upper: 1, confidence: confidence) }
        let tail = Interval.tail(confidence)
        let failures = max(0, trials - successes)
        let lower = successes <= 0 ? 0 : Beta.quantile(tail, successes, failures + 1)
        let upper = failures <= 0 ? 1 : Beta.quantile(1 - tail, successes + 1, failures)
        return Interval(lower: lower, upper: upper, confidence: confidence)
    }

    /// Wilson's score interval (JASA 22, 1927): close to its confidence on average, not at least.
    public static func wilson(
        successes: Double, trials: Double, confidence: Double
    ) -> Interval {
        guard trials > 0 else { return Interval(lower: 0, upper: 1, confidence: confidence) }
        let z = -Normal.quantile(Interval.tail(confidence))
        let share = successes / trials
        let scale = 1 + z * z / trials
        let middle = (share + z * z / (2 * trials)) / scale
        let spread = (share * (1 - share) / trials + z * z / (4 * trials * trials)).squareRoot()
        let half = z * spread / scale
        return Interval(
            lower: successes <= 0 ? 0 : max(0, middle - half),
            upper: successes >= trials ? 1 : min(1, middle + half), confidence: confidence)
    }
}
