/// A proportion counted in clusters: the exchanges of one session are not independent.
public struct ClusteredProportion: Hashable, Sendable {
    /// Units that show the event, all units, and the clusters that hold any.
    public let events: Int, units: Int, clusters: Int
    /// The linearised variance of the share, between clusters; `nil` with fewer than two.
    public let variance: Double?

    /// Counts clusters of (events, units); those without units are left out.
    public init(_ counts: some Sequence<(events: Int, units: Int)>) {
        let counts = counts.filter { $0.units > 0 }
        events = counts.reduce(0) { $0 + $1.events }
        units = counts.reduce(0) { $0 + $1.units }
        clusters = counts.count
        guard clusters > 1 else {
            variance = nil
            return
        }
        let share = Double(events) / Double(units)
        var sum = 0.0
        for count in counts {
            let residual = Double(count.events) - share * Double(count.units)
            sum += residual * residual
        }
        let correction = Double(clusters) / Double(clusters - 1)
        variance = correction * sum / (Double(units) * Double(units))
    }

    /// The share of units that show the event; 0 when there are none.
    public var share: Double { units == 0 ? 0 : Double(events) / Double(units) }

    /// How many independent units carry as much knowledge as these do.
    ///
    /// share·(1 − share) / variance, never more than there are units. With no event, or nothing
    /// but events, the variance says nothing: then it is the number of clusters.
    public var effectiveSize: Double {
        if events == 0 || events == units { return Double(clusters) }
        guard let variance else { return 1 }
        guard variance > 0 else { return Double(units) }
        return min(Double(units), max(1, share * (1 - share) / variance))
    }

    /// How many times larger the variance is than that of independent units.
    public var designEffect: Double {
        units == 0 ? 1 : Double(units) / max(1, effectiveSize)
    }

    /// Korn and Graubard's interval: Clopper-Pearson on the effective size, which is further
    /// reduced by the squared ratio of Student quantiles for the few clusters there are.
    ///
    /// Source: Korn and Graubard, Survey Methodology 24 (1998) 193–201; as in NCHS, Vital and
    /// Health Statistics 2/175 (2017). With no event, or only events, it is Clopper-Pearson on
    /// the clusters. One cluster alone, with some events, says nothing: [0, 1].
    public func interval(confidence: Double) -> Interval {
        var size = effectiveSize
        if events > 0, events < units {
            guard clusters > 1, units > 1 else {
                return Interval(lower: 0, upper: 1, confidence: confidence)
            }
            let tail = Interval.tail(confidence)
            let ratio =
                StudentT.quantile(tail, degrees: Double(units - 1))
                / StudentT.quantile(tail, degrees: Double(clusters - 1))
            size = min(Double(units), size * ratio * ratio)
        }
        return Proportion.clopperPearson(
            successes: share * size, trials: size, confidence: confidence)
    }
}
