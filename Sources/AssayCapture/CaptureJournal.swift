public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

/// The file that a recorder or importer appends exchanges to: whole zstd frames of WARC records, in
/// the order of their coming.
///
/// Every frame that was flushed survives the death of the process. It is sealed into a capture.
public struct CaptureJournal: ~Copyable {
    private let file: OpenFile
    private var pending: [UInt8] = []
    /// The exchanges appended so far.
    public private(set) var count = 0

    /// Bytes of records that make a frame full.
    static let frameSize = 1 << 20

    /// Starts a journal in a new file, or goes on with one after cutting off a torn last frame.
    public init(at path: FilePath) throws(AssayError) {
        let whole = FileSystem.exists(path) ? try Self.wholeLength(of: path) : 0
        let file = try OpenFile.open(path, flags: O_WRONLY | O_CREAT, mode: 0o600)
        guard ftruncate(file.rawDescriptor, off_t(whole)) == 0,
            lseek(file.rawDescriptor, 0, SEEK_END) >= 0
        else { throw FileSystem.error("could not continue", path) }
        self.file = file
    }

    /// Adds an exchange; it is on disk after the frame is full, or after `flush`.
    public mutating func append(_ exchange: Exchange) throws(AssayError) {
        ExchangeCodec.append(exchange, to: &pending)
        count += 1
        if pending.count >= Self.frameSize { try flush() }
    }

    /// Writes what was added since the last frame as a frame of its own.
    public mutating func flush() throws(AssayError) {
        guard !pending.isEmpty else { return }
        try file.write(try ZstdFrame.compress(pending))
        pending.removeAll(keepingCapacity: true)
    }

    /// Flushes and makes everything durable.
    public consuming func finish() throws(AssayError) {
        try flush()
        try file.sync()
    }

    private static func wholeLength(of path: FilePath) throws(AssayError) -> Int {
        var reader = try FrameReader(path: path)
        while true {
            do throws(AssayError) {
                if try reader.next() == nil { return reader.offset }
            } catch {
                guard error.code == .damaged else { throw error }
                return reader.offset
            }
        }
    }
}
