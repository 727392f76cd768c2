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
        if try store.reuse(digest, size: size) { return (digest, size) }
        try place(at: target)
        return (digest, size)
    }

    /// Makes the blob durable if it has this digest, in the place of what is there; gives whether it
    /// has. Nothing is left of one that has not.
    consuming func finish(replacing digest: Digest) throws(AssayError) -> Bool {
        guard hasher.finish() == digest else { return false }
        return try store.holding([.init(kind: .blob, digest: digest)]) { () throws(AssayError) in
            try place(at: store.blobPath(digest))
            return true
        }
    }

    private func place(at target: FilePath) throws(AssayError) {
        guard fchmod(file.rawDescriptor, 0o444) == 0 else {
            throw FileSystem.error("could not set the mode of", directory.path)
        }
        try file.sync()
        try FileSystem.rename(directory.path.appending("blob"), to: target)
        try FileSystem.syncDirectory(store.blobs)
    }
}
