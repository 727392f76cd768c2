import AssayCore
import CZstd

/// Undoes Zstandard (RFC 8878).
enum ZstdDecoder {
    static func decode(_ bytes: ArraySlice<UInt8>, limit: Int) throws(AssayError) -> [UInt8] {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw AssayError(.limit, "there is no memory to undo content encoding zstd")
        }
        defer { unsafe ZSTD_freeDCtx(context) }
        let outcome: Result<[UInt8], AssayError> = unsafe bytes.withUnsafeBytes { input in
            Result { () throws(AssayError) in try unsafe run(context, input, limit: limit) }
        }
        return try outcome.get()
    }

    private static func run(
        _ context: OpaquePointer, _ bytes: UnsafeRawBufferPointer, limit: Int
    ) throws(AssayError) -> [UInt8] {
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var input = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            var made = 0
            let left = unsafe chunk.withUnsafeMutableBytes { room in
                var out = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                let left = unsafe ZSTD_decompressStream(context, &out, &input)
                made = unsafe out.pos
                return left
            }
            guard ZSTD_isError(left) == 0 else {
                throw ContentDecoder.damaged(
                    "zstd", unsafe String(cString: ZSTD_getErrorName(left)))
            }
            guard output.count + made <= limit else { throw ContentDecoder.tooLarge("zstd", limit) }
            output += chunk[..<made]
            // Zero is the end of a frame; more frames may follow.
            if left == 0, unsafe input.pos == input.size { return output }
            if made == 0, left != 0, unsafe input.pos == input.size {
                throw ContentDecoder.damaged("zstd", "it ends too early")
            }
        }
    }
}
