import AssayCore
import Synchronization

/// The blobs that a repository said it has while one client speaks with it, so that it is asked once.
final class ConfirmedBlobs: Sendable {
    private let digests = Mutex<Set<Digest>>([])

    func contains(_ digest: Digest) -> Bool { digests.withLock { $0.contains(digest) } }

    func insert(_ digest: Digest) { digests.withLock { _ = $0.insert(digest) } }

    /// Takes back what was believed.
    func remove(_ wrong: [Digest]) { digests.withLock { $0.subtract(wrong) } }
}
