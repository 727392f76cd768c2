/// The ratio of a quantile of one series to that of another, by a circular block bootstrap.
///
/// Blocks keep what neighbours in time have in common (Politis and Romano, 1992); their length is
/// the cube root of the count. Series of equal length are resampled in the same places, since
/// both arms met the same moment of the machine.
public struct QuantileRatio: Hashable, Sendable {
    /// The ratio in the series themselves: the second's quantile over the first's.
    public let ratio: Double
    /// The ratios of the replicates, sorted.
    public let replicates: [Double]

    /// Draws `replicates` resamples. `nil` where a series is empty or a quantile of the first is
    /// not positive. Costs `replicates` passes over both series.
    public init?(
        _ q: Double, first: [Int64], second: [Int64], replicates: Int,
        using generator: inout Xoshiro256
    ) {
        let ones = RankedSeries(first)
        let twos = RankedSeries(second)
        guard let one = Quantile.value(q, ofSorted: ones.sorted),
            let two = Quantile.value(q, ofSorted: twos.sorted), one > 0
        else { return nil }
        ratio = Double(two) / Double(one)
        let paired = first.count == second.count
        var ratios: [Double] = []
        ratios.reserveCapacity(replicates)
        var onesDrawn: [Int32] = []
        var twosDrawn: [Int32] = []
        for _ in 0..<replicates {
            onesDrawn = [Int32](repeating: 0, count: first.count)
            twosDrawn = [Int32](repeating: 0, count: second.count)
            if paired {
                Self.draw(count: first.count, using: &generator) { place in
                    onesDrawn[ones.ranks[place]] += 1
                    twosDrawn[twos.ranks[place]] += 1
                }
            } else {
                Self.draw(count: first.count, using: &generator) { onesDrawn[ones.ranks[$0]] += 1 }
                Self.draw(count: second.count, using: &generator) { twosDrawn[twos.ranks[$0]] += 1 }
            }
            let below = ones.quantile(q, drawn: onesDrawn)
            let above = twos.quantile(q, drawn: twosDrawn)
            ratios.append(below > 0 ? Double(above) / Double(below) : .infinity)
        }
        self.replicates = ratios.sorted()
    }

    /// The percentile interval of the ratio.
    public func interval(confidence: Double) -> Interval {
        guard !replicates.isEmpty else {
            return Interval(lower: 0, upper: .infinity, confidence: confidence)
        }
        let tail = Interval.tail(confidence)
        let count = replicates.count
        let skip = Int(tail * Double(count + 1))
        // Too few replicates for the tail leave the end open rather than guess it.
        let lower = skip >= 1 ? replicates[skip - 1] : 0
        let upper = skip >= 1 ? replicates[count - skip] : .infinity
        return Interval(lower: lower, upper: upper, confidence: confidence)
    }

    private static func draw(
        count: Int, using generator: inout Xoshiro256, take: (Int) -> Void
    ) {
        var length = 1
        while (length + 1) * (length + 1) * (length + 1) <= count { length += 1 }
        var taken = 0
        while taken < count {
            var place = generator.below(count)
            for _ in 0..<min(length, count - taken) {
                take(place)
                place = place + 1 == count ? 0 : place + 1
            }
            taken += length
        }
    }
}

/// A series with the rank of each of its values, so that a resample is a count by rank.
struct RankedSeries {
    let sorted: [Int64]
    let ranks: [Int]

    init(_ values: [Int64]) {
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var ranks = [Int](repeating: 0, count: values.count)
        for (rank, index) in order.enumerated() { ranks[index] = rank }
        self.ranks = ranks
        sorted = order.map { values[$0] }
    }

    func quantile(_ q: Double, drawn: [Int32]) -> Int64 {
        let wanted = Quantile.rank(q, count: sorted.count)
        var passed = 0
        for (rank, times) in drawn.enumerated() {
            passed += Int(times)
            if passed > wanted { return sorted[rank] }
        }
        return sorted.last ?? 0
    }
}
