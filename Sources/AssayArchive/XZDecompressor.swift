import AssayCoding
import CLzma

/// Unpacks `.xz` streams, one after the other; liblzma checks each block and the index.
final class XZDecompressor: Decompressor {
    // liblzma keeps a pointer into its stream, so that it may not move.
    private let stream: UnsafeMutablePointer<lzma_stream>
    private(set) var isWhole = false

    /// What a decoder may use: enough for the presets, too little for a bomb of dictionaries.
    private static let memory: UInt64 = 256 << 20

    init() throws(DecompressionFault) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: lzma_stream())
        guard unsafe lzma_stream_decoder(stream, Self.memory, 0) == LZMA_OK else {
            unsafe stream.deallocate()
            throw DecompressionFault(reason: "there is no memory to unpack xz")
        }
    }

    deinit {
        unsafe lzma_end(stream)
        unsafe stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> (taken: Int, made: Int) {
        if isWhole {
            // Between streams there may be zeros, by fours.
            let zeros = unsafe input.prefix { $0 == 0 }.count
            if zeros > 0 { return (zeros, 0) }
            guard unsafe lzma_stream_decoder(stream, Self.memory, 0) == LZMA_OK else {
                throw DecompressionFault(reason: "liblzma did not go on to the next stream")
            }
            isWhole = false
        }
        unsafe stream.pointee.next_in = unsafe input.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_in = input.count
        unsafe stream.pointee.next_out = unsafe output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = output.count
        let status = unsafe lzma_code(stream, LZMA_RUN)
        let taken = unsafe input.count - stream.pointee.avail_in
        let made = unsafe output.count - stream.pointee.avail_out
        switch status {
        case LZMA_OK: break
        case LZMA_STREAM_END: isWhole = true
        case LZMA_BUF_ERROR: break
        case LZMA_FORMAT_ERROR: throw DecompressionFault(reason: "this is not the xz format")
        case LZMA_DATA_ERROR: throw DecompressionFault(reason: "its data is corrupt")
        case LZMA_OPTIONS_ERROR: throw DecompressionFault(reason: "it uses options not known here")
        case LZMA_MEMLIMIT_ERROR:
            throw DecompressionFault(reason: "it asks for more than 256 MiB of memory")
        default: throw DecompressionFault(reason: "liblzma reports error \(status.rawValue)")
        }
        return (taken, made)
    }
}
