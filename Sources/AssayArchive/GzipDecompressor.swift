import CZlib

/// Unpacks gzip; members that follow one another are one content. zlib checks CRC and length.
final class GzipDecompressor: Decompressor {
    // zlib keeps the address of its stream, so that it may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isWhole = false

    init() throws(DecompressionFault) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        // 16 asks for the gzip form, 15 for its largest window.
        guard unsafe inflateInit2_(stream, 16 + 15, ZLIB_VERSION, size) == Z_OK else {
            unsafe stream.deallocate()
            throw DecompressionFault(reason: "there is no memory to unpack gzip")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> (taken: Int, made: Int) {
        if isWhole {
            guard unsafe inflateReset(stream) == Z_OK else {
                throw DecompressionFault(reason: "zlib did not go on to the next member")
            }
            isWhole = false
        }
        let source = unsafe input.bindMemory(to: UInt8.self)
        unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: source.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = unsafe output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let status = unsafe inflate(stream, Z_NO_FLUSH)
        let taken = unsafe input.count - Int(stream.pointee.avail_in)
        let made = unsafe output.count - Int(stream.pointee.avail_out)
        switch status {
        case Z_OK: break
        case Z_STREAM_END: isWhole = true
        case Z_BUF_ERROR: break
        default:
            let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw DecompressionFault(reason: reason ?? "zlib reports error \(status)")
        }
        return (taken, made)
    }
}
