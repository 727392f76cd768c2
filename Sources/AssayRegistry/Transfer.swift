public import AssayCore
public import AssayStore
import Synchronization

/// What a transfer moved.
public struct TransferReport: Hashable, Sendable {
    /// The blobs that the artifact lists, or those that were asked for.
    public var blobs = 0
    /// How many were there already, and how many the registry took from another repository of its own.
    public var present = 0, mounted = 0
    /// How many were moved, and their bytes.
    public var moved = 0, bytes = 0

    /// Makes a report.
    public init(blobs: Int = 0, present: Int = 0, moved: Int = 0, bytes: Int = 0) {
        self.blobs = blobs
        self.present = present
        self.moved = moved
        self.bytes = bytes
    }
}

/// An artifact as a registry has it.
public struct RemoteArtifact: Sendable {
    /// The bytes of its manifest and their digest.
    public let bytes: [UInt8], digest: Digest
    /// What the manifest lists.
    public let listing: ArtifactManifest
}

/// Is told how far a transfer is: bytes that are done, and all.
public typealias TransferProgress = @Sendable (_ done: Int, _ total: Int) -> Void

/// Counts the bytes of blobs that are done.
final class TransferCounter: Sendable {
    private let done = Mutex(0)
    private let total: Int
    private let progress: TransferProgress

    init(_ blobs: [Layer], progress: @escaping TransferProgress) {
        total = blobs.reduce(0) { $0 + $1.size }
        self.progress = progress
    }

    func add(_ bytes: Int) {
        let now = done.withLock { value in
            value += bytes
            return value
        }
        progress(now, total)
    }
}
