import Glibc

/// How much more it takes to decide what is undecided, at 80 % power.
public enum SampleSize {
    /// The power that a needed size is for.
    public static let power = 0.8

    /// Independent units that decide whether a share of `seen` is on its side of `limit`.
    ///
    /// The normal approximation of Fleiss, Levin and Paik (Statistical Methods for Rates and
    /// Proportions, section 2.5). Where nothing was seen, the size at which Clopper-Pearson's
    /// upper end reaches the limit: log(tail) / log(1 − limit), 3,688 for 0.1 % at 95 %. `nil`
    /// where no size can decide, as when the two are equal.
    public static func share(seen: Double, limit: Double, confidence: Double) -> Int? {
        guard limit > 0, limit < 1, seen != limit else { return nil }
        let tail = Interval.tail(confidence)
        if seen <= 0 { return whole(log(tail) / log1p(-limit)) }
        let reach =
            -Normal.quantile(tail) * (limit * (1 - limit)).squareRoot()
            + Normal.quantile(power) * (seen * (1 - seen)).squareRoot()
        let distance = seen - limit
        return whole(reach * reach / (distance * distance))
    }

    /// Independent pairs at which Newcombe's interval lies within `limit` when none was yes.
    ///
    /// Both of Wilson's limits are then z² / (n + z²), and the phi of his method is zero.
    public static func paired(limit: Double, confidence: Double) -> Int? {
        guard limit > 0 else { return nil }
        let z = -Normal.quantile(Interval.tail(confidence))
        return whole(z * z * (1 / limit - 1))
    }

    /// Units that decide a value at `distance` from its limit, when `have` units gave an interval
    /// of half width `halfWidth`: widths shrink with the square root.
    public static func shrinking(
        halfWidth: Double, distance: Double, have: Int, confidence: Double
    ) -> Int? {
        guard distance > 0, halfWidth > 0, halfWidth.isFinite else { return nil }
        let z = -Normal.quantile(Interval.tail(confidence))
        let factor = halfWidth * (1 + Normal.quantile(power) / z) / distance
        return whole(Double(have) * factor * factor)
    }

    private static func whole(_ size: Double) -> Int? {
        guard size.isFinite, size < 1e12 else { return nil }
        return Int(size.rounded(.up))
    }
}
