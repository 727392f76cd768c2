import AssayCore
import AssaySystem
import CZlib
import SystemPackage

/// A new file that is written piece by piece, packed with gzip or not.
struct ExportFile: ~Copyable {
    private let file: OpenFile
    private let isPacked: Bool
    private var pending: [UInt8] = []

    private static let step = 1 << 20

    init(_ path: FilePath, isPacked: Bool) throws(AssayError) {
        file = try OpenFile.creating(path)
        self.isPacked = isPacked
    }

    /// Adds bytes.
    mutating func write(_ bytes: [UInt8]) throws(AssayError) {
        pending += bytes
        if pending.count >= Self.step { try flush() }
    }

    /// Writes what was added, in a member of its own if the file is packed.
    mutating func flush() throws(AssayError) {
        guard !pending.isEmpty else { return }
        try file.write(isPacked ? try Gzip.member(pending) : pending)
        pending.removeAll(keepingCapacity: true)
    }

    consuming func finish() throws(AssayError) {
        try flush()
        try file.sync()
    }
}

/// Packs bytes with gzip (RFC 1952).
enum Gzip {
    /// One member, without name and time, so that equal bytes give equal members.
    static func member(_ bytes: [UInt8]) throws(AssayError) -> [UInt8] {
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        // 16 asks for the gzip form, 15 for its largest window.
        guard
            unsafe deflateInit2_(
                &stream, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK
        else { throw AssayError(.limit, "there is no memory to pack with gzip") }
        defer { unsafe deflateEnd(&stream) }
        let bound = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
        var output = [UInt8](repeating: 0, count: bound)
        var input = bytes
        let status = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(target.count)
                return unsafe deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else {
            throw AssayError(.limit, "could not pack with gzip: zlib reports \(status)")
        }
        output.removeLast(unsafe Int(stream.avail_out))
        return output
    }
}
