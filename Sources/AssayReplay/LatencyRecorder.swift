import AssayEvidence
import Histogram

/// Latencies of one arm: from the intended start and from the send, and a sample of the former.
struct LatencyRecorder: Sendable {
    private var fromIntended = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    private var fromSend = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    private var sample = Smallest<Timing>(limit: 20_000)

    private struct Timing: Comparable {
        var rank: UInt64
        var number: Int
        var microseconds: Int64

        static func < (left: Timing, right: Timing) -> Bool {
            (left.rank, left.number) < (right.rank, right.number)
        }
    }

    /// Takes the times of one answer, on one clock, in nanoseconds.
    mutating func add(exchange: String, number: Int, intended: Int64, sent: Int64, ended: Int64) {
        let latency = max(0, ended - intended)
        fromIntended.record(UInt64(latency))
        fromSend.record(UInt64(max(0, ended - sent)))
        sample.add(
            Timing(
                rank: DifferenceGroups.rank(of: exchange), number: number,
                microseconds: latency / 1000))
    }

    /// What evidence says of it; `void` is why it cannot be judged.
    func latency(void: String?) -> Evidence.Latency {
        var latency = Evidence.Latency(
            count: Int(fromIntended.totalCount), quantiles: Self.quantiles(fromIntended),
            sample: sample.elements.sorted { $0.number < $1.number }.map(\.microseconds),
            void: void)
        latency.fromSend = Self.quantiles(fromSend)
        return latency
    }

    private static func quantiles(_ histogram: Histogram<UInt64>) -> [String: Int64] {
        guard histogram.totalCount > 0 else { return [:] }
        return [
            "p50": Int64(histogram.valueAtPercentile(50)),
            "p90": Int64(histogram.valueAtPercentile(90)),
            "p99": Int64(histogram.valueAtPercentile(99)), "max": Int64(histogram.max),
        ]
    }
}

/// The smallest elements of a stream, at most `limit` of them, in no order.
///
/// A binary heap with the largest kept element on top: each addition costs the logarithm of the
/// limit.
struct Smallest<Element: Comparable> {
    private let limit: Int
    private(set) var elements: [Element] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes an element; gives the one that did not fit, if there is one.
    @discardableResult
    mutating func add(_ element: Element) -> Element? {
        if elements.count < limit {
            elements.append(element)
            rise(elements.count - 1)
            return nil
        }
        guard let top = elements.first, element < top else { return element }
        elements[0] = element
        sink()
        return top
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard elements[parent] < elements[index] else { return }
            elements.swapAt(parent, index)
            index = parent
        }
    }

    private mutating func sink() {
        var index = 0
        while true {
            var largest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < elements.count && elements[largest] < elements[child] {
                largest = child
            }
            guard largest != index else { return }
            elements.swapAt(largest, index)
            index = largest
        }
    }
}

extension Smallest: Sendable where Element: Sendable {}
