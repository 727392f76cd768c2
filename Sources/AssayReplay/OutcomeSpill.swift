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

        fileprivate var cost: Int { exchange.utf8.count + row.count + timing.count + 64 }
    }

    private let directory: FilePath
    private let memoryLimit: Int
    private var buffer: [Record] = []
    private var buffered = 0
    private var runs: [FilePath] = []
    /// Records taken so far.
    private(set) var count = 0

    /// Starts in a directory that takes the runs.
    init(in directory: FilePath, memoryLimit: Int = 64 << 20) {
        self.directory = directory
        self.memoryLimit = memoryLimit
    }

    /// Takes a row; throws when a run cannot be written.
    mutating func add(_ record: Record) throws(AssayError) {
        buffered += record.cost
        count += 1
        buffer.append(record)
        if buffered > memoryLimit { try spill() }
    }

    /// Gives every record once, sorted by exchange id.
    mutating func merge(
        _ body: (Record) throws(AssayError) -> Void
    ) throws(AssayError) {
        sortBuffer()
        var readers: [SpillReader] = []
        for run in runs { readers.append(try SpillReader(run)) }
        var heads: [Record?] = []
        for reader in readers { heads.append(try reader.next()) }
        var rest = buffer[...]
        while true {
            var best: Int?
            for index in heads.indices {
                guard let head = heads[index] else { continue }
                if let chosen = best, let other = heads[chosen], !Self.precedes(head, other) {
                    continue
                }
                best = index
            }
            if let first = rest.first,
                best.flatMap({ heads[$0] }).map({ Self.precedes(first, $0) }) ?? true
            {
                try body(first)
                rest = rest.dropFirst()
            } else if let best, let record = heads[best] {
                try body(record)
                heads[best] = try readers[best].next()
            } else {
                return
            }
        }
    }

    private static func precedes(_ left: Record, _ right: Record) -> Bool {
        left.exchange.utf8.lexicographicallyPrecedes(right.exchange.utf8)
    }

    private mutating func sortBuffer() {
        buffer.sort(by: Self.precedes)
    }

    private mutating func spill() throws(AssayError) {
        sortBuffer()
        let path = directory.appending("rows-\(runs.count)")
        let file = try OpenFile.creating(path)
        var bytes: [UInt8] = []
        for record in buffer {
            bytes.append(record.differs ? 1 : 0)
            for field in [Array(record.exchange.utf8), record.row, record.timing] {
                let size = UInt32(field.count)
                bytes += (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * UInt32($0))) }
                bytes += field
            }
            if bytes.count > 1 << 20 {
                try file.write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try file.write(bytes)
        runs.append(path)
        buffer.removeAll(keepingCapacity: true)
        buffered = 0
    }
}

/// Reads the records of one run, one after another.
private final class SpillReader {
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
