import CZstd

/// Unpacks zstd frames (RFC 8878), one after the other; the library checks those that carry a checksum.
@safe public final class ZstdDecompressor: Decompressor {
    private let context: OpaquePointer
    /// Whether the bytes so far are whole frames.
    public private(set) var isWhole = false

    /// Windows beyond this (128 MiB) are refused: they only serve to fill memory.
    private static let maximumWindowLog: Int32 = 27

    /// Makes a decompressor. Throws without memory for it.
    public init() throws(DecompressionFault) {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw DecompressionFault(reason: "there is no memory to unpack zstd")
        }
        unsafe self.context = unsafe context
        unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maximumWindowLog)
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// See `Decompressor`.
    public func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> (taken: Int, made: Int) {
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let left = unsafe ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(left) == 0 else {
            throw DecompressionFault(reason: unsafe String(cString: ZSTD_getErrorName(left)))
        }
        // Zero is the end of a frame; more frames may follow.
        isWhole = left == 0
        return unsafe (source.pos, target.pos)
    }
}
