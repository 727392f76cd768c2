import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// What a reader found of one file.
enum ReadFile: Sendable {
    /// The whole of a small file, with its status from before and after it was read, and when.
    case small(bytes: [UInt8], digest: Digest, status: FileSystem.Status, readAt: Int64)
    /// Not a small file that stayed as it was: to be taken in by itself.
    case other
    case failed(AssayError)
}

/// Reads and hashes small files on two threads, ahead of who takes them in their order.
struct SmallFileReaders: ~Copyable {
    private let queues: [BoundedQueue<ReadFile>]
    private let first: JoinableThread, second: JoinableThread
    private var taken = 0

    /// Starts to read the files. Holds at most 64 of them.
    init(_ paths: [FilePath]) throws(AssayError) {
        let queues = [0, 1].map { _ in BoundedQueue<ReadFile>(capacity: 32) }
        self.queues = queues
        let one = try JoinableThread { Self.read(paths, from: 0, into: queues[0]) }
        let two: JoinableThread
        do throws(AssayError) {
            two = try JoinableThread { Self.read(paths, from: 1, into: queues[1]) }
        } catch {
            queues[0].close(dropping: true)
            one.join()
            throw error
        }
        first = one
        second = two
    }

    /// The file that comes next in the order given.
    mutating func next() -> ReadFile {
        defer { taken += 1 }
        return queues[taken % 2].pop() ?? .other
    }

    /// Stops reading; must be called.
    consuming func finish() {
        for queue in queues { queue.close(dropping: true) }
        first.join()
        second.join()
    }

    private static func read(
        _ paths: [FilePath], from start: Int, into queue: BoundedQueue<ReadFile>
    ) {
        for index in stride(from: start, to: paths.count, by: 2) {
            let outcome: ReadFile
            do throws(AssayError) { outcome = try read(paths[index]) } catch {
                outcome = .failed(error)
            }
            guard queue.push(outcome) else { return }
        }
    }

    private static func read(_ path: FilePath) throws(AssayError) -> ReadFile {
        let start = StatCache.now()
        let file = try OpenFile.reading(path)
        let status = try file.status()
        guard status.kind == .file, status.size < SegmentRules.largeFile else { return .other }
        var bytes = [UInt8](repeating: 0, count: status.size)
        var count = 0
        while count < status.size {
            let step = try file.readPart(of: &bytes, from: count, to: status.size, at: count)
            guard step > 0 else { return .other }
            count += step
        }
        guard try file.status() == status else { return .other }
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return .small(bytes: bytes, digest: hasher.finish(), status: status, readAt: start)
    }
}
