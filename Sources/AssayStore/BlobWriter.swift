public import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Writes one blob piece by piece; it is in the store once `finish` has returned, and never in part.
public struct BlobWriter: ~Copyable {
    private let store: Store
    private let directory: TemporaryDirectory
    private let file: OpenFile
    private var hasher = SHA256Hasher()
    /// The bytes written so far.
    public private(set) var size = 0

    init(store: Store) throws(AssayError) {
        let directory = try TemporaryDirectory(in: store.ingest, prefix: "")
        let file = try OpenFile.open(
            directory.path.appending("blob"), flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        self.store = store
        self.directory = directory
        self.file = file
    }

    /// Adds bytes. Throws `.diskFull` when there is no room; nothing is left of the blob then.
    public mutating func write(_ bytes: [UInt8]) throws(AssayError) {
        try write(bytes[...])
    }

    /// Adds bytes.
    public mutating func write(_ bytes: ArraySlice<UInt8>) throws(AssayError) {
        unsafe bytes.withUnsafeBytes { unsafe hasher.update($0) }
        try file.write(bytes)
        size += bytes.count
    }

    /// The digest of what was written so far.
    public var digest: Digest {
        let soFar = hasher
        return soFar.finish()
    }

    /// Makes the blob durable and gives its digest and size.
    public consuming func finish() throws(AssayError) -> (digest: Digest, size: Int) {
        let digest = hasher.finish()
        let target = store.blobPath(digest)
        if let status = try FileSystem.status(of: target), status.size == size {
            return (digest, size)
        }
        guard fchmod(file.rawDescriptor, 0o444) == 0 else {
            throw FileSystem.error("could not set the mode of", directory.path)
        }
        try file.sync()
        try FileSystem.rename(directory.path.appending("blob"), to: target)
        try FileSystem.syncDirectory(store.blobs)
        return (digest, size)
    }
}
