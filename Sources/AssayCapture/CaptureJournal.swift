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
    private var pending = WARCWriter()
    /// The exchanges appended so far.
    public private(set) var count = 0
    /// The bytes of whole frames in the file, those from before among them.
    public private(set) var size = 0

    /// The bytes of whole frames from before, and those of a torn frame that were cut off behind them.
    public let continued: Int, torn: Int

    /// Bytes of records that make a frame of a journal full.
    static let frameSize = 256 << 10

    /// Starts a journal in a new file, or goes on with one after cutting off a torn last frame.
    ///
    /// Throws `.usage` for a file that is not a journal, which it leaves as it is, and `.damaged` for
    /// one that is hurt before its end.
    public init(at path: FilePath) throws(AssayError) {
        var whole = 0
        var length = 0
        if FileSystem.exists(path) {
            try Self.checkKind(of: path)
            var reader = try FrameReader(path: path)
            do throws(AssayError) {
                while try reader.next() != nil {}
            } catch {
                guard reader.isCutShort else {
                    throw AssayError(
                        error.code, error.message,
                        hint:
                            "import what is whole with `assay capture import \(path) --name NAME --salvage`",
                        cause: error.cause)
                }
            }
            whole = reader.offset
            length = try FileSystem.status(of: path)?.size ?? whole
        }
        let file = try OpenFile.open(path, flags: O_WRONLY | O_CREAT, mode: 0o600)
        guard ftruncate(file.rawDescriptor, off_t(whole)) == 0,
            lseek(file.rawDescriptor, 0, SEEK_END) >= 0
        else { throw FileSystem.error("could not continue", path) }
        self.file = file
        size = whole
        continued = whole
        torn = length - whole
    }

    /// Adds an exchange; it is on disk after the frame is full, or after `flush`. Throws `.limit` for one
    /// that no frame can hold, without which the journal goes on.
    public mutating func append(_ exchange: Exchange) throws(AssayError) {
        try exchange.checkSize()
        ExchangeEncoder.append(exchange, to: &pending)
        count += 1
        if pending.bytes.count >= Self.frameSize { try flush() }
    }

    /// Writes what was added since the last frame as a frame of its own. A recorder calls this every
    /// second, so that a crash costs no more than that.
    public mutating func flush() throws(AssayError) {
        guard !pending.bytes.isEmpty else { return }
        let frame = try ZstdFrame.compress(pending.bytes, level: ZstdFrame.journalLevel)
        try file.write(frame)
        size += frame.count
        pending.bytes.removeAll(keepingCapacity: true)
    }

    /// Flushes and makes everything durable.
    public consuming func finish() throws(AssayError) {
        try flush()
        try file.sync()
    }

    /// Throws unless the file begins as a zstd frame does, as far as it goes.
    private static func checkKind(of path: FilePath) throws(AssayError) {
        let file = try OpenFile.reading(path)
        var start = [UInt8](repeating: 0, count: 4)
        let count = try file.readChunk(&start)
        guard start[..<count].elementsEqual(ZstdFrame.magic[..<count]) else {
            throw AssayError(
                .usage, "\(path) is not a journal of captures, and was left as it is",
                hint: "name another file for the journal")
        }
    }
}
