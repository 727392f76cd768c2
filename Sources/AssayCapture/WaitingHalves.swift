/// Requests and responses that wait for their other halves, in bounded memory: when there is no room
/// the oldest are given up.
struct WaitingHalves<Key: Hashable, Half> {
    private struct Entry {
        let half: Half
        let number: Int
        let size: Int
    }

    private var entries: [Key: Entry] = [:]
    private var order: [(key: Key, number: Int)] = []
    private var first = 0
    private var next = 0
    private var bytes = 0
    private let maximumBytes: Int, maximumCount: Int

    init(maximumBytes: Int = 256 << 20, maximumCount: Int = 1 << 20) {
        self.maximumBytes = maximumBytes
        self.maximumCount = maximumCount
    }

    /// The half that waits under a key.
    subscript(key: Key) -> Half? { entries[key]?.half }

    /// Takes the half that waits under a key.
    mutating func take(_ key: Key) -> Half? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        bytes -= entry.size
        return entry.half
    }

    /// Lets a half of `size` bytes wait; gives those that are given up for it, the one that waited
    /// under the same key among them.
    mutating func wait(_ half: Half, under key: Key, size: Int) -> [Half] {
        var givenUp: [Half] = []
        if let old = take(key) { givenUp.append(old) }
        entries[key] = Entry(half: half, number: next, size: size)
        order.append((key, next))
        next += 1
        bytes += size
        while bytes > maximumBytes || entries.count > maximumCount, let half = oldest() {
            givenUp.append(half)
        }
        if order.count > 4096, order.count > 2 * entries.count {
            order = order[first...].filter { entries[$0.key]?.number == $0.number }
            first = 0
        }
        return givenUp
    }

    /// Takes all that still wait, in the order of their coming.
    mutating func drain() -> [Half] {
        var halves: [Half] = []
        while let half = oldest() { halves.append(half) }
        return halves
    }

    private mutating func oldest() -> Half? {
        while first < order.count {
            let (key, number) = order[first]
            first += 1
            if entries[key]?.number == number { return take(key) }
        }
        return nil
    }
}
