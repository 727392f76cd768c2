import CZlib

/// Unpacks gzip (RFC 1952), zlib (RFC 1950) or bare deflate (RFC 1951); members that follow one another
/// are one content. zlib checks CRC and length.
public final class ZlibDecompressor: Decompressor {
    /// What stands around the deflated bytes, as zlib's window bits: the largest window, 16 more for
    /// gzip, negative for nothing.
    public enum Form: Int32, Sendable {
        /// A header, a CRC and the length.
        case gzip = 31
        /// Two bytes and a checksum.
        case zlib = 15
        /// Nothing.
        case bare = -15
    }

    // zlib keeps the address of its stream, so that it may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether the bytes so far are whole members.
    public private(set) var isWhole = false

    /// Makes a decompressor. Throws without memory for it.
    public init(_ form: Form = .gzip) throws(DecompressionFault) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        // What is thrown from here on runs `deinit`, which frees the stream.
        guard unsafe inflateInit2_(stream, form.rawValue, ZLIB_VERSION, size) == Z_OK else {
            throw DecompressionFault(reason: "there is no memory to unpack gzip")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// See `Decompressor`.
    public func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> (taken: Int, made: Int) {
        if isWhole {
            guard unsafe inflateReset(stream) == Z_OK else {
                throw DecompressionFault(reason: "zlib did not go on to the next member")
            }
            isWhole = false
        }
        let (given, room) = (UInt32(clamping: input.count), UInt32(clamping: output.count))
        let source = unsafe input.bindMemory(to: UInt8.self)
        unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: source.baseAddress)
        unsafe stream.pointee.avail_in = given
        unsafe stream.pointee.next_out = unsafe output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = room
        let status = unsafe inflate(stream, Z_NO_FLUSH)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isWhole = true
        default:
            let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw DecompressionFault(reason: reason ?? "zlib reports error \(status)")
        }
        return unsafe (
            Int(given - stream.pointee.avail_in), Int(room - stream.pointee.avail_out)
        )
    }
}
