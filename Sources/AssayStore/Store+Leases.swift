public import AssayCore
import AssaySystem
import Glibc
import SystemPackage

extension Store {
    /// Whether the blob is here; if so it stays while this process has the store open, whatever
    /// garbage collection finds. Who is about to name a blob that he did not write asks this.
    ///
    /// Throws `.io` in a store that cannot be written.
    public func hold(_ digest: Digest) throws(AssayError) -> Bool {
        try holding([.init(kind: .blob, digest: digest)]) { () throws(AssayError) in
            contains(digest)
        }
    }

    /// Throws `.damaged` unless all these blobs are here; they stay as with `hold`.
    func holdAll(_ digests: [Digest]) throws(AssayError) {
        let lines = digests.map { LeaseFile.Line(kind: .blob, digest: $0) }
        try holding(lines) { () throws(AssayError) in
            for digest in digests where !contains(digest) { throw missing(digest) }
        }
    }

    /// Whether a blob of this digest and size is here already, so that it need not be written.
    ///
    /// It is held, and its time is set to now: who sets a ref to it may be another process, which
    /// then has the grace of a blob that was just written. One whose time cannot be set (another user's)
    /// counts as not here, and is written again.
    func reuse(_ digest: Digest, size: Int) throws(AssayError) -> Bool {
        try holding([.init(kind: .blob, digest: digest)]) { () throws(AssayError) in
            let path = blobPath(digest)
            guard let status = try FileSystem.status(of: path), status.size == size else {
                return false
            }
            return unsafe utimensat(AT_FDCWD, path.string, nil, AT_SYMLINK_NOFOLLOW) == 0
        }
    }

    /// Holds an artifact that is being read, with all that it leads to. In a store that this user
    /// cannot write nothing is noted: nor can this user collect it.
    func holdForReading(_ digest: Digest) throws(AssayError) {
        guard isWritable else { return }
        try holding([.init(kind: .root, digest: digest)]) { () throws(AssayError) in }
    }

    /// Whether this user may change the store; who may not leaves no lease and no lock.
    var isWritable: Bool { access(root.string, W_OK) == 0 }

    /// Names blobs in this process's lease, then runs `body`, while no collection can move blobs.
    func holding<R>(
        _ lines: [LeaseFile.Line], _ body: () throws(AssayError) -> R
    ) throws(AssayError) -> R {
        // What is in the lease cannot be moved any more, so that no lock is needed.
        if lease.holds(lines) { return try body() }
        return try withCollectionLock(shared: true) { () throws(AssayError) in
            try lease.add(lines, in: leases)
            return try body()
        }
    }

    /// Runs `body` while no other process collects, or with `shared` false while none adds to a lease
    /// either.
    func withCollectionLock<R>(
        shared: Bool, _ body: () throws(AssayError) -> R
    ) throws(AssayError) -> R {
        let lock = try FileLock.acquire(collectionLock, shared: shared)
        let result: Result<R, AssayError> = Result { () throws(AssayError) in try body() }
        _ = consume lock
        return try result.get()
    }

    /// The leases there are. The caller holds `gc.lock`, shared or not.
    func readLeases() throws(AssayError) -> [LeaseFile] {
        guard FileSystem.exists(leases) else { return [] }
        var found: [LeaseFile] = []
        for name in try FileSystem.names(in: leases) {
            if let lease = try LeaseFile.read(leases.appending(name)) { found.append(lease) }
        }
        return found
    }
}
