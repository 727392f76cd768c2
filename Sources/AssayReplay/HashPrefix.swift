/// Of the exchanges that come, those that are first in the order by hash, up to a count and a sum of
/// bytes.
///
/// It is the longest such prefix of all that came, whatever the order in which they came: what does
/// not fit keeps out all that is behind it. So an exchange that is kept of a whole is kept of every
/// part that it belongs to. An exchange that is larger than all the bytes does not count.
struct HashPrefix: Sendable {
    private let count: Int
    private let bytes: Int
    private var entries: [(exchange: RankedExchange, size: Int)] = []
    private var total = 0
    private var barrier: RankedExchange?

    init(count: Int, bytes: Int) {
        self.count = count
        self.bytes = bytes
    }

    /// The exchanges that are kept, in order.
    var kept: [RankedExchange] { entries.map(\.exchange) }

    /// Whether an exchange may be kept, as far as its place in the order says.
    func admits(_ exchange: RankedExchange) -> Bool {
        barrier.map { exchange < $0 } ?? true
    }

    /// Takes an exchange, which must not have come before, and gives those that are kept no longer,
    /// itself perhaps among them; `nil` if it was not looked at. Costs a binary search and a move.
    mutating func add(_ exchange: RankedExchange, size: Int) -> [RankedExchange]? {
        guard admits(exchange), size <= bytes else { return nil }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].exchange < exchange { low = middle + 1 } else { high = middle }
        }
        entries.insert((exchange, size), at: low)
        total += size
        var dropped: [RankedExchange] = []
        while entries.count > count || total > bytes, let last = entries.popLast() {
            total -= last.size
            barrier = last.exchange
            dropped.append(last.exchange)
        }
        return dropped
    }
}
