import AssayCore
import CZstd

/// Whole zstd frames (RFC 8878), each with its content size and a checksum.
enum ZstdFrame {
    /// How every frame begins (RFC 8878, 3.1.1).
    static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    /// A frame never expands to more than this.
    static let maximumContent = 256 << 20

    /// The level for frames that are kept; measured on small exchanges, higher ones cost far more
    /// time than they save room.
    static let keptLevel: Int32 = 6
    /// The level for a journal, which is written while traffic passes and read once.
    static let journalLevel: Int32 = 1

    /// Compresses bytes to one frame.
    static func compress(
        _ bytes: [UInt8], level: Int32 = keptLevel
    ) throws(AssayError) -> [UInt8] {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw AssayError(.limit, "there is no memory to compress with")
        }
        defer { unsafe ZSTD_freeCCtx(context) }
        unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = unsafe ZSTD_compress2(context, &output, output.count, bytes, bytes.count)
        guard ZSTD_isError(count) == 0 else { throw failure("could not compress", count) }
        output.removeLast(output.count - count)
        return output
    }

    /// The size of the frame that starts these bytes; `nil` if it goes on beyond them.
    static func size(at bytes: ArraySlice<UInt8>) throws(AssayError) -> Int? {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe ZSTD_findFrameCompressedSize($0.baseAddress, $0.count)
        }
        if ZSTD_isError(count) == 0 { return count }
        if ZSTD_getErrorCode(count) == ZSTD_error_srcSize_wrong { return nil }
        throw failure("a zstd frame cannot be read", count)
    }

    /// Expands one frame and checks it.
    static func expand(_ frame: ArraySlice<UInt8>) throws(AssayError) -> [UInt8] {
        let size = unsafe frame.withUnsafeBytes {
            unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count)
        }
        guard size <= UInt64(maximumContent) else {
            throw AssayError(
                .damaged,
                "a zstd frame says no size, or one beyond \(ByteCount(maximumContent))")
        }
        var output = [UInt8](repeating: 0, count: Int(size))
        let count = unsafe frame.withUnsafeBytes {
            unsafe ZSTD_decompress(&output, Int(size), $0.baseAddress, $0.count)
        }
        guard ZSTD_isError(count) == 0 else { throw failure("a zstd frame is damaged", count) }
        guard count == Int(size) else {
            throw AssayError(.damaged, "a zstd frame is shorter than it says")
        }
        return output
    }

    private static func failure(_ attempt: String, _ code: Int) -> AssayError {
        AssayError(.damaged, "\(attempt): \(unsafe String(cString: ZSTD_getErrorName(code)))")
    }
}
