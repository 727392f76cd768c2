import AssayCore

/// Quantiles of a stream of numbers in bounded memory.
///
/// The sketch of Karnin, Lang and Liberty, "Optimal Quantile Approximation in Streams" (2016), with
/// levels of one capacity: exact for up to `capacity` numbers, and then within a small share of
/// ranks. The coin that decides which half survives is seeded, so that equal streams give equal
/// sketches.
struct QuantileSketch {
    private var levels: [[Double]] = [[]]
    private var coin = SplitMix64(seed: 0x9E37)
    /// How many numbers went in.
    private(set) var count = 0

    private static let capacity = 1024

    mutating func add(_ value: Double) {
        count += 1
        levels[0].append(value)
        if levels[0].count >= Self.capacity { compact(0) }
    }

    private mutating func compact(_ level: Int) {
        if levels.count == level + 1 { levels.append([]) }
        var items = levels[level]
        items.sort()
        // An odd one out stays behind, so that weights add up.
        let rest = items.count % 2 == 1 ? [items.removeLast()] : []
        let offset = Int(coin.next() & 1)
        for index in stride(from: offset, to: items.count, by: 2) {
            levels[level + 1].append(items[index])
        }
        levels[level] = rest
        if levels[level + 1].count >= Self.capacity { compact(level + 1) }
    }

    /// The numbers that stand for the stream, in order, each with how many it stands for.
    var points: [(value: Double, weight: Int)] {
        var points: [(value: Double, weight: Int)] = []
        for (level, items) in levels.enumerated() {
            points += items.map { ($0, 1 << level) }
        }
        return points.sorted { $0.value < $1.value }
    }

    /// The values at shares of the ranks, for shares in order; empty for an empty stream.
    func quantiles(_ shares: [Double]) -> [Double] {
        let points = points
        guard let last = points.last else { return [] }
        let total = Double(points.reduce(0) { $0 + $1.weight })
        var result: [Double] = []
        var seen = 0.0
        var index = 0
        for share in shares {
            while index < points.count, seen + Double(points[index].weight) < share * total {
                seen += Double(points[index].weight)
                index += 1
            }
            result.append(index < points.count ? points[index].value : last.value)
        }
        return result
    }

    /// The largest distance between the two distribution functions, from 0 to 1
    /// (Kolmogorov and Smirnov); `nil` if one stream is empty.
    static func distance(_ left: QuantileSketch, _ right: QuantileSketch) -> Double? {
        let (a, b) = (left.points, right.points)
        guard !a.isEmpty, !b.isEmpty else { return nil }
        let totalA = Double(a.reduce(0) { $0 + $1.weight })
        let totalB = Double(b.reduce(0) { $0 + $1.weight })
        var (i, j, seenA, seenB, largest) = (0, 0, 0, 0, 0.0)
        while i < a.count || j < b.count {
            let value = min(
                i < a.count ? a[i].value : .infinity, j < b.count ? b[j].value : .infinity)
            while i < a.count, a[i].value <= value {
                seenA += a[i].weight
                i += 1
            }
            while j < b.count, b[j].value <= value {
                seenB += b[j].weight
                j += 1
            }
            largest = max(largest, abs(Double(seenA) / totalA - Double(seenB) / totalB))
        }
        return largest
    }
}
