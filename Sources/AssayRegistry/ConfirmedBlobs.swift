import AssayCore
import Synchronization

/// What a registry said while one client speaks with it, so that it is asked once: the blobs that the
/// repository has, and other repositories that are closed.
final class ConfirmedBlobs: Sendable {
    private let digests = Mutex<Set<Digest>>([])
    private let closed = Mutex<Set<String>>([])

    func contains(_ digest: Digest) -> Bool { digests.withLock { $0.contains(digest) } }

    func insert(_ digest: Digest) { digests.withLock { _ = $0.insert(digest) } }

    /// Whether another repository turned out not to be open to this account.
    func isClosed(_ repository: String) -> Bool { closed.withLock { $0.contains(repository) } }

    func close(_ repository: String) { closed.withLock { _ = $0.insert(repository) } }

    /// Takes back what was believed.
    func remove(_ wrong: [Digest]) { digests.withLock { $0.subtract(wrong) } }
}
