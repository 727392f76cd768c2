/// Yes or no on the same units twice: the difference of two dependent proportions.
public struct PairedCounts: Hashable, Sendable {
    /// Yes both times, only the first time, only the second time, and neither.
    public var both: Double, first: Double, second: Double, neither: Double

    /// Makes counts; they may be fractions, as effective sizes are.
    public init(both: Double, first: Double, second: Double, neither: Double) {
        self.both = both
        self.first = first
        self.second = second
        self.neither = neither
    }

    /// All units.
    public var units: Double { both + first + second + neither }

    /// The share of the second time less that of the first.
    public var difference: Double { units > 0 ? (second - first) / units : 0 }

    /// Newcombe's interval for `difference`: his method 10, Wilson's limits squared and added with
    /// a correction for the correlation of the two.
    ///
    /// Source: Newcombe, Statistics in Medicine 17 (1998) 2635–2650.
    public func newcombe(confidence: Double) -> Interval {
        guard units > 0 else { return Interval(lower: -1, upper: 1, confidence: confidence) }
        let firstShare = (both + first) / units
        let secondShare = (both + second) / units
        let ones = Proportion.wilson(
            successes: both + first, trials: units, confidence: confidence)
        let twos = Proportion.wilson(
            successes: both + second, trials: units, confidence: confidence)
        let phi = correlation
        func reach(_ a: Double, _ b: Double) -> Double {
            max(0, a * a - 2 * phi * a * b + b * b).squareRoot()
        }
        let lower = reach(secondShare - twos.lower, ones.upper - firstShare)
        let upper = reach(twos.upper - secondShare, firstShare - ones.lower)
        return Interval(
            lower: max(-1, difference - lower), upper: min(1, difference + upper),
            confidence: confidence)
    }

    /// The correlation phi of the two answers, its numerator corrected towards zero.
    private var correlation: Double {
        let margins = (both + first) * (second + neither) * (both + second) * (first + neither)
        guard margins > 0 else { return 0 }
        var product = both * neither - first * second
        if product > 0 { product = max(0, product - units / 2) }
        return product / margins.squareRoot()
    }
}

/// Paired counts in clusters: Newcombe's interval on the effective size.
public struct ClusteredPairs: Hashable, Sendable {
    /// The counts over all clusters.
    public let counts: PairedCounts
    /// The clusters that hold any unit.
    public let clusters: Int
    private let variance: Double?

    /// Adds up clusters; those without units are left out.
    public init(_ clusters: some Sequence<PairedCounts>) {
        let clusters = clusters.filter { $0.units > 0 }
        var sum = PairedCounts(both: 0, first: 0, second: 0, neither: 0)
        for cluster in clusters {
            sum.both += cluster.both
            sum.first += cluster.first
            sum.second += cluster.second
            sum.neither += cluster.neither
        }
        counts = sum
        self.clusters = clusters.count
        guard clusters.count > 1 else {
            variance = nil
            return
        }
        var squares = 0.0
        for cluster in clusters {
            let residual = cluster.second - cluster.first - sum.difference * cluster.units
            squares += residual * residual
        }
        let correction = Double(clusters.count) / Double(clusters.count - 1)
        variance = correction * squares / (sum.units * sum.units)
    }

    /// How many independent units carry as much knowledge about the difference; the number of
    /// clusters where no pair is discordant.
    public var effectiveSize: Double {
        let discordant = counts.first + counts.second
        if discordant == 0 { return Double(clusters) }
        guard let variance else { return 1 }
        guard variance > 0 else { return counts.units }
        let share = discordant / counts.units
        let independent = share - counts.difference * counts.difference
        return min(counts.units, max(1, independent / variance))
    }

    /// Newcombe's interval with every count scaled to the effective size, which the ratio of
    /// Student quantiles reduces for few clusters, as Korn and Graubard do for one proportion.
    public func interval(confidence: Double) -> Interval {
        guard clusters > 1, counts.units > 1 else {
            return Interval(lower: -1, upper: 1, confidence: confidence)
        }
        var size = effectiveSize
        if counts.first + counts.second > 0 {
            let tail = Interval.tail(confidence)
            let ratio =
                StudentT.quantile(tail, degrees: counts.units - 1)
                / StudentT.quantile(tail, degrees: Double(clusters - 1))
            size = min(counts.units, size * ratio * ratio)
        }
        let scale = size / counts.units
        let scaled = PairedCounts(
            both: counts.both * scale, first: counts.first * scale,
            second: counts.second * scale, neither: counts.neither * scale)
        return scaled.newcombe(confidence: confidence)
    }
}
