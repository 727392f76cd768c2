import AssayCore
import AssaySystem
import Glibc
import Synchronization
import SystemPackage

/// A segment that was cut, hashed and written, but is no blob yet unless it was one before.
struct CutSegment: Sendable {
    let digest: Digest
    let size: Int
    /// Where its bytes wait; `nil` if the store had it already.
    let file: FilePath?
}

/// Cuts content into segments, hashes them and the whole, and writes those that are new, in one
/// pass over the bytes.
///
/// One thread reads and hashes the whole, one looks for cuts, two hash and write segments. A segment
/// stays in memory until its digest is known, so that one the store has is never written; those
/// above 16 MiB go to disk on the way. Memory stays below about 80 MiB whatever the size.
struct SegmentPipeline {
    let store: Store
    /// Where new segments wait, on the file system of the store.
    let directory: FilePath

    private static let blocks = 64
    private static let writers = 2

    /// Reads `size` bytes of content with `fill`, which is called for one block after the other and
    /// has to fill it. The digest of the whole is `nil` unless `hashing`.
    ///
    /// Throws what `fill` throws, and what writing throws; files of a failed run stay in the
    /// directory, which is the caller's to remove.
    func run(
        size: Int, cuts: SegmentCuts, hashing: Bool = true,
        fill: (UnsafeMutableRawBufferPointer) throws(AssayError) -> Void
    ) throws(AssayError) -> (segments: [CutSegment], digest: Digest?) {
        let pool = BlockPool(count: Self.blocks)
        let read = BoundedQueue<Block>(capacity: Self.blocks)
        let queues = (0..<Self.writers).map { _ in
            BoundedQueue<SegmentWriterEvent>(capacity: 4 * Self.blocks)
        }
        let outcome = PipelineOutcome()
        @Sendable func stop(_ error: AssayError) {
            outcome.fail(error)
            pool.close()
            read.close(dropping: true)
            for queue in queues { queue.close(dropping: true) }
        }
        let cutter = try JoinableThread {
            Self.cut(read, into: queues, SegmentCutter(cuts, size: size))
        }
        func write(_ number: Int) throws(AssayError) -> JoinableThread {
            let store = store
            let directory = directory
            let queue = queues[number]
            return try JoinableThread {
                do throws(AssayError) {
                    var writer = SegmentWriter(store: store, directory: directory)
                    while let event = queue.pop() { try writer.take(event, outcome) }
                } catch {
                    stop(error)
                }
            }
        }
        let first: JoinableThread
        do throws(AssayError) {
            first = try write(0)
        } catch {
            stop(error)
            cutter.join()
            throw error
        }
        let second: JoinableThread
        do throws(AssayError) {
            second = try write(1)
        } catch {
            stop(error)
            cutter.join()
            first.join()
            throw error
        }
        var digest: Digest?
        do throws(AssayError) {
            digest = try Self.read(size, hashing: hashing, pool, read, fill)
        } catch {
            stop(error)
        }
        read.close()
        cutter.join()
        first.join()
        second.join()
        return (try outcome.segments(), digest)
    }

    private static func read(
        _ size: Int, hashing: Bool, _ pool: BlockPool, _ queue: BoundedQueue<Block>,
        _ fill: (UnsafeMutableRawBufferPointer) throws(AssayError) -> Void
    ) throws(AssayError) -> Digest? {
        var hasher = SHA256Hasher()
        var left = size
        while left > 0 {
            // No block, or nobody to take it, means that another thread failed and said why.
            guard let block = pool.take() else { return nil }
            block.count = min(left, BlockPool.blockSize)
            try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: block.memory[..<block.count]))
            guard queue.push(block) else { return nil }
            if hashing { unsafe hasher.update(block.bytes) }
            left -= block.count
        }
        return hashing ? hasher.finish() : nil
    }

    private static func cut(
        _ read: BoundedQueue<Block>, into queues: [BoundedQueue<SegmentWriterEvent>],
        _ whole: SegmentCutter
    ) {
        var cutter = whole
        var index = 0
        while let block = read.pop() {
            var offset = 0
            while offset < block.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: block.bytes[offset...])
                let step = unsafe cutter.advance(over: rest)
                let queue = queues[index % queues.count]
                if step.count > 0 {
                    queue.push(.piece(block, offset..<offset + step.count))
                    offset += step.count
                }
                if step.ends {
                    queue.push(.end(index))
                    index += 1
                }
            }
        }
        for queue in queues { queue.close() }
    }
}

/// What the threads of a pipeline come to.
private final class PipelineOutcome: Sendable {
    private let state = Mutex<(segments: [Int: CutSegment], error: AssayError?)>(([:], nil))

    func fail(_ error: AssayError) {
        state.withLock { if $0.error == nil { $0.error = error } }
    }

    func finish(_ index: Int, _ segment: CutSegment) {
        state.withLock { $0.segments[index] = segment }
    }

    /// The segments in order, or what went wrong first.
    func segments() throws(AssayError) -> [CutSegment] {
        let (segments, error) = state.withLock { $0 }
        if let error { throw error }
        return segments.sorted { $0.key < $1.key }.map(\.value)
    }
}

private enum SegmentWriterEvent: Sendable {
    case piece(Block, Range<Int>)
    case end(Int)
}

/// Takes the pieces of one segment after the other.
private struct SegmentWriter {
    let store: Store
    let directory: FilePath
    private var hasher = SHA256Hasher()
    private var size = 0
    private var held: [(block: Block, range: Range<Int>)] = []
    private var heldSize = 0
    private var spill: FilePath?

    /// Above this a segment is not held until its end.
    private static let mostHeld = 16 << 20

    init(store: Store, directory: FilePath) {
        self.store = store
        self.directory = directory
    }

    mutating func take(_ event: SegmentWriterEvent, _ outcome: PipelineOutcome) throws(AssayError) {
        switch event {
        case .piece(let block, let range):
            unsafe hasher.update(UnsafeRawBufferPointer(rebasing: block.bytes[range]))
            held.append((block, range))
            heldSize += range.count
            size += range.count
            if heldSize > Self.mostHeld { try writeHeld() }
        case .end(let index):
            let digest = hasher.finish()
            let isKnown = try store.holds(digest, size: size) ? store.renew(digest) : false
            if isKnown {
                if let spill { try FileSystem.remove(spill) }
            } else {
                try writeHeld()
            }
            outcome.finish(
                index, CutSegment(digest: digest, size: size, file: isKnown ? nil : spill))
            hasher = SHA256Hasher()
            size = 0
            held = []
            heldSize = 0
            spill = nil
        }
    }

    private mutating func writeHeld() throws(AssayError) {
        let path =
            spill ?? directory.appending("segment-\(UInt64.random(in: 0 ... .max))")
        let file = try OpenFile.open(
            path, flags: O_WRONLY | O_CREAT | (spill == nil ? O_EXCL : O_APPEND), mode: 0o600)
        for piece in held {
            try unsafe file.write(UnsafeRawBufferPointer(rebasing: piece.block.bytes[piece.range]))
        }
        file.startWriting()
        spill = path
        held = []
        heldSize = 0
    }
}
