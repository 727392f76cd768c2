import AssayCore
import AssaySystem
import NIOCore
import Synchronization
import SystemPackage

/// How many bytes of a body were taken to be sent.
final class BodyProgress: Sendable {
    private let count = Mutex(0)

    var taken: Int { count.withLock { $0 } }

    func take(_ bytes: Int) { count.withLock { $0 += bytes } }
}

/// A file as the body of a request, read a piece at a time, as often as it is sent.
struct FileBody: AsyncSequence, Sendable {
    let path: FilePath
    /// The bytes that the file must have.
    let size: Int
    /// Is told of every piece.
    var progress: BodyProgress?

    /// Small enough that a slow but steady connection takes one in the time that a stall has.
    static let pieceSize = 64 << 10

    init(path: FilePath, size: Int) {
        self.path = path
        self.size = size
    }

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    /// Reads one piece after the other.
    struct Iterator: AsyncIteratorProtocol {
        private let body: FileBody
        private var file: Handle?
        private var sent = 0

        /// Shares an open file, which cannot be copied.
        private final class Handle {
            let file: OpenFile
            init(_ path: FilePath) throws(AssayError) { file = try OpenFile.reading(path) }
        }

        init(body: FileBody) {
            self.body = body
        }

        mutating func next() async throws -> ByteBuffer? {
            guard sent < body.size else { return nil }
            let handle = try file ?? Handle(body.path)
            file = handle
            let count = Swift.min(FileBody.pieceSize, body.size - sent)
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let read = try unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) {
                (space) throws(AssayError) in
                try unsafe handle.file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]), at: sent)
            }
            guard read > 0 else {
                throw AssayError(
                    .damaged,
                    "blob \(body.path) is shorter than the \(body.size) bytes it should have",
                    hint: "see what else is hurt with `assay bundle verify`")
            }
            sent += read
            body.progress?.take(read)
            return buffer
        }
    }
}
