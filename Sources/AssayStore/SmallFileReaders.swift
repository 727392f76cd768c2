import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// What a reader found of a few files in a row.
struct ReadBatch: Sendable {
    /// The contents of its small files, one behind the other.
    var bytes: [UInt8] = []
    var files: [ReadFile] = []
}

/// What a reader found of one file.
enum ReadFile: Sendable {
    /// A small file that is as it was when it was looked at: where its bytes are in the batch, and when
    /// they were read.
    case small(Range<Int>, Digest, readAt: Int64)
    /// Not a small file that stayed as it was: to be taken in by itself.
    case other
    case failed(AssayError)
}

/// Reads and hashes small files on two threads, ahead of who takes them in their order.
struct SmallFileReaders: ~Copyable {
    private let queues: [BoundedQueue<ReadBatch>]
    private let first: JoinableThread, second: JoinableThread
    private var taken = 0
    private var batch = ReadBatch()
    private var index = 0

    /// A batch is full with so many files or bytes: large enough that threads rarely wait for one
    /// another, small enough that few bytes are held.
    private static let fullCount = 64, fullSize = 1 << 20

    /// Starts to read the files. Holds at most twelve batches, of 5 MiB at the utmost.
    init(_ files: [FileToAdd]) throws(AssayError) {
        let batches = Self.batches(of: files)
        let queues = [0, 1].map { _ in BoundedQueue<ReadBatch>(capacity: 4) }
        self.queues = queues
        let one = try JoinableThread { Self.read(files, batches, from: 0, into: queues[0]) }
        let two: JoinableThread
        do throws(AssayError) {
            two = try JoinableThread { Self.read(files, batches, from: 1, into: queues[1]) }
        } catch {
            queues[0].close(dropping: true)
            one.join()
            throw error
        }
        first = one
        second = two
    }

    /// The file that comes next in the order given, with its bytes if it is small.
    mutating func next() -> (file: ReadFile, bytes: ArraySlice<UInt8>) {
        if index == batch.files.count {
            guard let next = queues[taken % 2].pop() else { return (.other, []) }
            batch = next
            index = 0
            taken += 1
        }
        defer { index += 1 }
        let file = batch.files[index]
        guard case .small(let range, _, _) = file else { return (file, []) }
        return (file, batch.bytes[range])
    }

    /// Stops reading; must be called.
    consuming func finish() {
        for queue in queues { queue.close(dropping: true) }
        first.join()
        second.join()
    }

    private static func batches(of files: [FileToAdd]) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var start = 0, size = 0
        for (index, file) in files.enumerated() {
            if isSmall(file) { size += file.status.size }
            guard size >= fullSize || index - start >= fullCount - 1 else { continue }
            batches.append(start..<index + 1)
            (start, size) = (index + 1, 0)
        }
        if start < files.count { batches.append(start..<files.count) }
        return batches
    }

    private static func isSmall(_ file: FileToAdd) -> Bool {
        file.status.kind == .file && file.status.size < SegmentRules.largeFile
    }

    private static func read(
        _ files: [FileToAdd], _ batches: [Range<Int>], from start: Int,
        into queue: BoundedQueue<ReadBatch>
    ) {
        for number in stride(from: start, to: batches.count, by: 2) {
            var batch = ReadBatch()
            let size = files[batches[number]].reduce(0) { $0 + (isSmall($1) ? $1.status.size : 0) }
            batch.bytes = [UInt8](repeating: 0, count: size)
            batch.files.reserveCapacity(batches[number].count)
            var end = 0
            for index in batches[number] {
                do throws(AssayError) {
                    batch.files.append(try read(files[index], into: &batch.bytes, from: &end))
                } catch {
                    batch.files.append(.failed(error))
                }
            }
            guard queue.push(batch) else { return }
        }
    }

    private static func read(
        _ file: FileToAdd, into bytes: inout [UInt8], from end: inout Int
    ) throws(AssayError) -> ReadFile {
        guard isSmall(file) else { return .other }
        let readAt = StatCache.now()
        let open = try OpenFile.reading(file.root.appending(file.path))
        let range = end..<end + file.status.size
        var count = 0
        while count < range.count {
            let step = try open.readPart(
                of: &bytes, from: range.lowerBound + count, to: range.upperBound, at: count)
            guard step > 0 else { return .other }
            count += step
        }
        // As it was before it was opened: then all that was read is what it held.
        guard try open.status() == file.status else { return .other }
        var hasher = SHA256Hasher()
        unsafe bytes[range].withUnsafeBytes { unsafe hasher.update($0) }
        end = range.upperBound
        return .small(range, hasher.finish(), readAt: readAt)
    }
}
