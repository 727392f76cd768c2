public import AssayCore
import AssaySystem
public import SystemPackage

/// Brings exchanges into time order in flat memory: what does not fit is written in sorted runs,
/// which are merged as they are read back.
public struct ExchangeSorter: ~Copyable, ExchangeSink {
    private let directory: FilePath
    private let memory: Int
    private var held: [Exchange] = []
    private var heldBytes = 0
    private var runs: [FilePath] = []
    private var written = 0
    /// The exchanges added so far.
    public private(set) var count = 0

    /// So many runs are merged at once, so that their buffers stay small.
    private static let fanIn = 48

    /// Sorts with files in a directory of its own and about `memory` bytes of exchanges in memory.
    public init(in directory: FilePath, memory: Int = 128 << 20) {
        self.directory = directory
        self.memory = memory
    }

    public mutating func append(_ exchange: Exchange) throws(AssayError) {
        // What a value costs beside its bytes is about 600 bytes.
        heldBytes += exchange.request.count + exchange.response.count + 600
        for call in exchange.egress { heldBytes += call.request.count + call.response.count + 200 }
        held.append(exchange)
        count += 1
        if heldBytes >= memory { try spill() }
    }

    /// Hands out the exchanges in order: by start, then id, then the times of the answer.
    consuming func merge(
        _ body: (Exchange) throws(AssayError) -> Void
    ) throws(AssayError) {
        guard !runs.isEmpty else {
            for index in Self.order(held) { try body(held[index]) }
            return
        }
        try spill()
        while runs.count > Self.fanIn {
            // The first ones are joined to one that takes their place, so that equal exchanges stay
            // in the order of their coming.
            let some = Array(runs.prefix(Self.fanIn))
            var journal = try CaptureJournal(at: nextPath())
            try Self.merge(some) { (exchange) throws(AssayError) in try journal.append(exchange) }
            try journal.flush()
            for path in some { try FileSystem.remove(path) }
            runs.replaceSubrange(..<Self.fanIn, with: [path(written - 1)])
        }
        try Self.merge(runs, body)
        for path in runs { try FileSystem.remove(path) }
    }

    private func path(_ number: Int) -> FilePath { directory.appending("run-\(number)") }

    private mutating func nextPath() -> FilePath {
        written += 1
        return path(written - 1)
    }

    private mutating func spill() throws(AssayError) {
        guard !held.isEmpty else { return }
        let path = nextPath()
        var journal = try CaptureJournal(at: path)
        for index in Self.order(held) { try journal.append(held[index]) }
        try journal.flush()
        runs.append(path)
        held.removeAll()
        heldBytes = 0
    }

    /// The places of exchanges in their order.
    private static func order(_ exchanges: [Exchange]) -> [Int] {
        var keys: [(key: ExchangeOrder, index: Int)] = []
        keys.reserveCapacity(exchanges.count)
        for (index, exchange) in exchanges.enumerated() { keys.append((.init(exchange), index)) }
        keys.sort { $0.key == $1.key ? $0.index < $1.index : $0.key < $1.key }
        return keys.map(\.index)
    }

    private static func merge(
        _ runs: [FilePath], _ body: (Exchange) throws(AssayError) -> Void
    ) throws(AssayError) {
        var readers: [JournalReader] = []
        var heads: [(key: ExchangeOrder, exchange: Exchange)?] = []
        for path in runs {
            let reader = JournalReader(path)
            readers.append(reader)
            heads.append(try reader.next().map { (.init($0), $0) })
        }
        while true {
            var first: Int?
            for index in heads.indices {
                guard let head = heads[index] else { continue }
                if let other = first.flatMap({ heads[$0] }), !(head.key < other.key) { continue }
                first = index
            }
            guard let first, let head = heads[first] else { return }
            heads[first] = try readers[first].next().map { (.init($0), $0) }
            try body(head.exchange)
        }
    }
}

/// What exchanges are sorted by.
struct ExchangeOrder: Comparable {
    let startedAt: Int64
    /// The 64 bits of the id without an ordinal.
    let id: UInt64
    let firstByteAfter: Int64, endedAfter: Int64

    init(_ exchange: Exchange) {
        startedAt = exchange.startedAt
        id = UInt64(exchange.derivedID, radix: 16) ?? 0
        firstByteAfter = exchange.firstByteAfter
        endedAfter = exchange.endedAfter
    }

    static func < (left: ExchangeOrder, right: ExchangeOrder) -> Bool {
        (left.startedAt, left.id, left.firstByteAfter, left.endedAfter)
            < (right.startedAt, right.id, right.firstByteAfter, right.endedAfter)
    }
}

/// Reads the exchanges of a journal one by one; holds one frame, and the file only while it reads.
///
/// A class, because many are merged in an array and change in place there.
final class JournalReader {
    private let path: FilePath
    private var offset = 0
    private var buffer: [UInt8] = []
    private var start = 0
    private var decoder: ExchangeDecoder?

    private static let step = 256 << 10

    init(_ path: FilePath) {
        self.path = path
    }

    /// The next exchange; `nil` at the end. Throws `.damaged` for a file that is not whole.
    func next() throws(AssayError) -> Exchange? {
        while true {
            if let exchange = try decoder?.next() { return exchange }
            decoder = nil
            if start < buffer.count, let size = try ZstdFrame.size(at: buffer[start...]) {
                decoder = ExchangeDecoder(try ZstdFrame.expand(buffer[start..<start + size]))
                start += size
                continue
            }
            let file = try OpenFile.reading(path)
            let wanted = max(Self.step, buffer.count - start)
            let count = min(wanted, try file.status().size - offset)
            guard count > 0 else {
                guard start == buffer.count else {
                    throw AssayError(.damaged, "\(path) is cut short")
                }
                return nil
            }
            buffer.removeFirst(start)
            start = 0
            buffer += try file.read(count: count, at: offset)
            offset += count
        }
    }
}
