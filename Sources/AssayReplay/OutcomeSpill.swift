import AssayCore
import AssaySystem
import SystemPackage

/// Sorts rows by exchange id with bounded memory: what does not fit is written to files in sorted
/// runs, which are merged at the end.
struct OutcomeSpill: ~Copyable {
    /// One row on its way.
    struct Record: Hashable, Sendable {
        /// The exchange id, by whose bytes rows are sorted.
        var exchange: String
        /// Whether the row has a difference of `effect`, so that confirmation may change it.
        var differs: Bool
        /// The lines of the outcome and timing blobs.
        var row: [UInt8], timing: [UInt8]
    }

    /// Where a record lies among the buffered bytes: exchange id, row and timing in one stretch.
    struct Entry {
        /// The first bytes of the id, by which most are told apart.
        var prefix: UInt64
        var start: Int
        var idSize: Int32, rowSize: Int32, timingSize: Int32
        var differs: Bool
    }

    private let directory: FilePath
    private let name: String
    private let memoryLimit: Int
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var runs: [FilePath] = []
    /// Records taken so far.
    private(set) var count = 0

    /// Starts in a directory that takes the runs, in files whose names begin with `name`.
    init(in directory: FilePath, named name: String = "rows", memoryLimit: Int = 64 << 20) {
        self.directory = directory
        self.name = name
        self.memoryLimit = memoryLimit
    }

    /// Takes a row; throws when a run cannot be written.
    mutating func add(_ record: Record) throws(AssayError) {
        count += 1
        let start = bytes.count
        bytes += record.exchange.utf8
        let idSize = bytes.count - start
        var prefix: UInt64 = 0
        for index in 0..<8 {
            prefix = prefix << 8 | (index < idSize ? UInt64(bytes[start + index]) : 0)
        }
        bytes += record.row
        bytes += record.timing
        entries.append(
            Entry(
                prefix: prefix, start: start, idSize: Int32(idSize),
                rowSize: Int32(record.row.count), timingSize: Int32(record.timing.count),
                differs: record.differs))
        if bytes.count + entries.count * MemoryLayout<Entry>.stride > memoryLimit { try spill() }
    }

    /// Gives every record once, sorted by exchange id.
    mutating func merge(
        _ body: (Record) throws(AssayError) -> Void
    ) throws(AssayError) {
        let cursor = try cursor()
        while let record = try cursor.next() { try body(record) }
    }

    /// Hands out every record once, sorted by exchange id.
    mutating func cursor() throws(AssayError) -> SpillCursor {
        sortBuffer()
        var readers: [SpillReader] = []
        for run in runs { readers.append(try SpillReader(run)) }
        return try SpillCursor(bytes: bytes, entries: entries, readers: readers)
    }

    private mutating func sortBuffer() {
        let bytes = bytes
        entries.sort { left, right in
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            return bytes[left.start..<left.start + Int(left.idSize)].lexicographicallyPrecedes(
                bytes[right.start..<right.start + Int(right.idSize)])
        }
    }

    private mutating func spill() throws(AssayError) {
        sortBuffer()
        let path = directory.appending("\(name)-\(runs.count)")
        let file = try OpenFile.creating(path)
        var output: [UInt8] = []
        for entry in entries {
            output.append(entry.differs ? 1 : 0)
            var place = entry.start
            for size in [entry.idSize, entry.rowSize, entry.timingSize] {
                for shift in [0, 8, 16, 24] as [Int32] {
                    output.append(UInt8(truncatingIfNeeded: size >> shift))
                }
                output += bytes[place..<place + Int(size)]
                place += Int(size)
            }
            if output.count > 1 << 20 {
                try file.write(output)
                output.removeAll(keepingCapacity: true)
            }
        }
        try file.write(output)
        runs.append(path)
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }
}

/// Reads the records of one run, one after another.
final class SpillReader {
    private let file: OpenFile
    private let path: FilePath
    private var chunk = [UInt8](repeating: 0, count: 256 << 10)
    private var bytes: [UInt8] = []
    private var place = 0

    init(_ path: FilePath) throws(AssayError) {
        self.path = path
        file = try OpenFile.reading(path)
    }

    /// The next record; `nil` at the end.
    func next() throws(AssayError) -> OutcomeSpill.Record? {
        guard try fill(1) else { return nil }
        let differs = bytes[place] == 1
        place += 1
        let exchange = try field()
        let row = try field()
        return OutcomeSpill.Record(
            exchange: String(decoding: exchange, as: UTF8.self), differs: differs, row: row,
            timing: try field())
    }

    private func field() throws(AssayError) -> [UInt8] {
        guard try fill(4) else { throw cut() }
        let size = (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        place += 4
        guard try fill(size) else { throw cut() }
        defer { place += size }
        return Array(bytes[place..<place + size])
    }

    private func fill(_ count: Int) throws(AssayError) -> Bool {
        while bytes.count - place < count {
            if place > 0 {
                bytes.removeFirst(place)
                place = 0
            }
            let step = try file.readChunk(&chunk)
            if step == 0 { return false }
            bytes += chunk[..<step]
        }
        return true
    }

    private func cut() -> AssayError {
        AssayError(.damaged, "\(path) ends inside a row; it was written by this very run")
    }
}
