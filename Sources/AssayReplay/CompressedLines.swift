import AssayCore
import AssayStore
import CZstd

/// Writes lines into a blob of the store as one zstd frame with a checksum.
struct CompressedLines: ~Copyable {
    private let compressor: Compressor
    private var blob: BlobWriter
    private var pending: [UInt8] = []
    private var output = [UInt8](repeating: 0, count: 128 << 10)
    /// Lines written so far.
    private(set) var count = 0

    /// Starts a blob.
    init(store: Store) throws(AssayError) {
        let compressor = try Compressor()
        let blob = try store.newBlob()
        self.compressor = compressor
        self.blob = blob
    }

    /// Owns the state of the library.
    @safe private final class Compressor {
        let context: OpaquePointer

        init() throws(AssayError) {
            guard let context = unsafe ZSTD_createCCtx() else {
                throw AssayError(.limit, "could not compress rows: no memory for it")
            }
            unsafe self.context = context
            // Ids and times are random: the first level leaves no more of them than the third does.
            unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1)
            unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        }

        deinit { unsafe ZSTD_freeCCtx(context) }
    }

    /// Adds a line with its newline.
    mutating func write(_ line: [UInt8]) throws(AssayError) {
        pending += line
        count += 1
        if pending.count >= 256 << 10 { try compress(end: false) }
    }

    /// Completes the blob and gives its digest.
    consuming func finish() throws(AssayError) -> Digest {
        try compress(end: true)
        return try blob.finish().digest
    }

    private mutating func compress(end: Bool) throws(AssayError) {
        var place = 0
        while true {
            let (consumed, produced, left) = step(from: place, end: end)
            guard ZSTD_isError(left) == 0 else {
                let reason = unsafe String(cString: ZSTD_getErrorName(left))
                throw AssayError(.io, "could not compress rows: \(reason)")
            }
            place += consumed
            try blob.write(output[..<produced])
            if end ? left == 0 : place == pending.count { break }
        }
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func step(from place: Int, end: Bool) -> (
        consumed: Int, produced: Int, left: Int
    ) {
        let size = output.count
        return unsafe pending.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBytes { target in
                var input = unsafe ZSTD_inBuffer(
                    src: source.baseAddress.map { unsafe $0 + place }, size: source.count - place,
                    pos: 0)
                var result = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: size, pos: 0)
                let left = unsafe ZSTD_compressStream2(
                    compressor.context, &result, &input, end ? ZSTD_e_end : ZSTD_e_continue)
                return unsafe (input.pos, result.pos, left)
            }
        }
    }
}
