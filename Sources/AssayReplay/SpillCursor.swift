import AssayCore

/// Hands out the records of a spill in the order of their ids: those in memory and those of all runs,
/// merged.
final class SpillCursor {
    private let bytes: [UInt8]
    private let entries: [OutcomeSpill.Entry]
    private let readers: [SpillReader]
    private var heads: [OutcomeSpill.Record?] = []
    private var place = 0
    private var own: OutcomeSpill.Record?

    /// Starts at the first record; the entries and each run are sorted.
    init(
        bytes: [UInt8], entries: [OutcomeSpill.Entry], readers: [SpillReader]
    ) throws(AssayError) {
        self.bytes = bytes
        self.entries = entries
        self.readers = readers
        for reader in readers { heads.append(try reader.next()) }
        own = record(at: 0)
    }

    /// The next record; `nil` after the last.
    func next() throws(AssayError) -> OutcomeSpill.Record? {
        var best: Int?
        for index in heads.indices {
            guard let head = heads[index] else { continue }
            if let best, let other = heads[best], !Self.precedes(head, other) { continue }
            best = index
        }
        let head = best.flatMap { heads[$0] }
        if let first = own, head.map({ Self.precedes(first, $0) }) ?? true {
            place += 1
            own = record(at: place)
            return first
        }
        if let best { heads[best] = try readers[best].next() }
        return head
    }

    private static func precedes(_ left: OutcomeSpill.Record, _ right: OutcomeSpill.Record) -> Bool
    {
        left.exchange.utf8.lexicographicallyPrecedes(right.exchange.utf8)
    }

    private func record(at place: Int) -> OutcomeSpill.Record? {
        guard place < entries.count else { return nil }
        let entry = entries[place]
        let row = entry.start + Int(entry.idSize)
        let timing = row + Int(entry.rowSize)
        return OutcomeSpill.Record(
            exchange: String(decoding: bytes[entry.start..<row], as: UTF8.self),
            differs: entry.differs, row: Array(bytes[row..<timing]),
            timing: Array(bytes[timing..<timing + Int(entry.timingSize)]))
    }
}
