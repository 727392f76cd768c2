import CBrotli

/// Unpacks Brotli (RFC 7932), which knows one content and nothing after it.
final class BrotliDecompressor: Decompressor {
    private let state: OpaquePointer
    private(set) var isWhole = false

    init() throws(DecompressionFault) {
        guard let state = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else {
            throw DecompressionFault(reason: "there is no memory to unpack Brotli")
        }
        unsafe self.state = unsafe state
    }

    deinit { unsafe BrotliDecoderDestroyInstance(state) }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> (taken: Int, made: Int) {
        var (left, room) = (input.count, output.count)
        var next = unsafe input.bindMemory(to: UInt8.self).baseAddress
        var out = unsafe output.bindMemory(to: UInt8.self).baseAddress
        let result = unsafe BrotliDecoderDecompressStream(state, &left, &next, &room, &out, nil)
        if result == BROTLI_DECODER_RESULT_ERROR {
            let code = unsafe BrotliDecoderGetErrorCode(state)
            let reason = unsafe BrotliDecoderErrorString(code).map { unsafe String(cString: $0) }
            throw DecompressionFault(reason: reason ?? "brotli error")
        }
        isWhole = result == BROTLI_DECODER_RESULT_SUCCESS
        return (input.count - left, output.count - room)
    }
}
