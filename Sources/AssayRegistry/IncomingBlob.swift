import AssayCore
import AssayStore

/// A blob on its way into a store; it is there once it is whole and has its digest, and never before.
///
/// Used by one task at a time.
final class IncomingBlob {
    let blob: Layer
    /// The bytes that came, also those of parts that were sent twice.
    private(set) var received = 0
    private var writer: BlobWriter?

    init(_ blob: Layer, store: Store) throws(AssayError) {
        self.blob = blob
        writer = try store.newBlob()
    }

    /// The bytes that are there so far.
    var size: Int { writer?.size ?? blob.size }

    /// Adds bytes; throws `WrongBytes` if there are more than the blob has.
    func write(_ bytes: some Collection<UInt8>, from host: String) throws {
        received += bytes.count
        guard size + bytes.count <= blob.size else {
            throw wrong(
                "registry \(host) sends more than the \(blob.size) bytes of blob \(blob.digest.short)"
            )
        }
        try writer?.write(Array(bytes))
    }

    /// Puts the blob into its place, if it has its digest; throws `WrongBytes` otherwise.
    func finish(from host: String) throws {
        guard let whole = writer.take() else { return }
        let found = whole.digest
        guard found == blob.digest else {
            throw wrong(
                "registry \(host) sent other bytes for blob \(blob.digest): they hash to \(found)")
        }
        _ = try whole.finish()
    }

    func wrong(_ message: String) -> WrongBytes {
        WrongBytes(
            error: AssayError(
                .digestMismatch, message,
                hint: "nothing of it was kept; if it comes again the registry's copy is damaged"))
    }
}
