public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

extension Store {
    /// Where the blob is, or would be.
    public func blobPath(_ digest: Digest) -> FilePath { blobs.appending(digest.hex) }

    /// Whether the blob is here. Says nothing about its health; reading does.
    public func contains(_ digest: Digest) -> Bool { FileSystem.exists(blobPath(digest)) }

    /// Whether there is a blob of this digest and size.
    func holds(_ digest: Digest, size: Int) throws(AssayError) -> Bool {
        try FileSystem.status(of: blobPath(digest))?.size == size
    }

    /// Gives a blob the time of now, as if it had been written: what is about to be used again must
    /// not look like something that was left behind long ago. `false` if it is gone.
    func renew(_ digest: Digest) -> Bool {
        // Somebody else's blob cannot be renewed and is as good.
        unsafe utimensat(AT_FDCWD, blobPath(digest).string, nil, 0) == 0 || errno == EPERM
    }

    /// The blob's size in bytes.
    public func size(of digest: Digest) throws(AssayError) -> Int {
        guard let status = try FileSystem.status(of: blobPath(digest)) else {
            throw missing(digest)
        }
        return status.size
    }

    /// Starts a blob that is written piece by piece.
    public func newBlob() throws(AssayError) -> BlobWriter { try BlobWriter(store: self) }

    /// Puts bytes into the store; they are durable when this returns.
    @discardableResult
    public func put(_ bytes: [UInt8]) throws(AssayError) -> Digest {
        let digest = Digest(of: bytes)
        if try reuse(digest, size: bytes.count) { return digest }
        var writer = try newBlob()
        try writer.write(bytes)
        return try writer.finish().digest
    }

    /// Reads a whole blob of at most `limit` bytes and checks it.
    ///
    /// Throws `.damaged` if it is not there, `.digestMismatch` if its bytes are others.
    public func read(_ digest: Digest, limit: Int = 1 << 30) throws(AssayError) -> [UInt8] {
        guard contains(digest) else { throw missing(digest) }
        let bytes = try FileSystem.read(blobPath(digest), limit: limit)
        let found = Digest(of: bytes)
        guard found == digest else { throw mismatch(digest, found: found) }
        return bytes
    }

    /// Reads a blob from start to end and checks it, in flat memory.
    public func verify(_ digest: Digest) throws(AssayError) {
        guard contains(digest) else { throw missing(digest) }
        let found = try OpenFile.reading(blobPath(digest)).digest()
        guard found == digest else { throw mismatch(digest, found: found) }
    }

    func missing(_ digest: Digest) -> AssayError {
        AssayError(
            .damaged, "blob \(digest) is not in the store \(root)",
            hint: "see what is hurt with `assay store fsck`; what was collected comes back with "
                + "`assay store gc --undo`")
    }

    func mismatch(_ digest: Digest, found: Digest) -> AssayError {
        AssayError(
            .digestMismatch, "blob \(blobPath(digest)) is damaged: its bytes hash to \(found)",
            hint:
                "see what else is hurt with `assay store fsck --full`, and mend it with --repair")
    }
}
