import AssayCore
import CBrotli

/// Undoes Brotli (RFC 7932).
enum BrotliDecoder {
    static func decode(_ bytes: ArraySlice<UInt8>, limit: Int) throws(AssayError) -> [UInt8] {
        guard let state = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else {
            throw AssayError(.limit, "there is no memory to undo content encoding br")
        }
        defer { unsafe BrotliDecoderDestroyInstance(state) }
        let outcome: Result<[UInt8], AssayError> = unsafe bytes.withUnsafeBufferPointer { input in
            Result { () throws(AssayError) in try unsafe run(state, input, limit: limit) }
        }
        return try outcome.get()
    }

    private static func run(
        _ state: OpaquePointer, _ input: UnsafeBufferPointer<UInt8>, limit: Int
    ) throws(AssayError) -> [UInt8] {
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var left = input.count
        var next = input.baseAddress
        while true {
            var room = chunk.count
            let result = unsafe chunk.withUnsafeMutableBufferPointer { buffer in
                var out = buffer.baseAddress
                return unsafe BrotliDecoderDecompressStream(
                    state, &left, &next, &room, &out, nil)
            }
            let made = chunk.count - room
            guard output.count + made <= limit else { throw ContentDecoder.tooLarge("br", limit) }
            output += chunk[..<made]
            switch result {
            case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: continue
            case BROTLI_DECODER_RESULT_SUCCESS:
                guard left == 0 else {
                    throw ContentDecoder.damaged("br", "there is more after its end")
                }
                return output
            case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
                throw ContentDecoder.damaged("br", "it ends too early")
            default:
                let code = unsafe BrotliDecoderGetErrorCode(state)
                let reason = unsafe BrotliDecoderErrorString(code).map {
                    unsafe String(cString: $0)
                }
                throw ContentDecoder.damaged("br", reason ?? "brotli error")
            }
        }
    }
}
