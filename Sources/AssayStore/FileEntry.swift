public import AssayCore

/// The kinds of file that an artifact holds.
public enum FileMode: String, Hashable, Sendable, CaseIterable {
    case regular, executable, symlink

    /// The octal mode that git would write.
    public var octal: String {
        switch self {
        case .regular: "100644"
        case .executable: "100755"
        case .symlink: "120000"
        }
    }

    /// The mode with that octal form.
    public init?(octal: String) {
        guard let mode = Self.allCases.first(where: { $0.octal == octal }) else { return nil }
        self = mode
    }
}

/// A run of bytes inside a segment.
public struct Extent: Hashable, Sendable {
    /// The segment's digest.
    public let segment: Digest
    /// The first byte and the count.
    public let offset: Int, length: Int

    /// Makes an extent.
    public init(segment: Digest, offset: Int, length: Int) {
        self.segment = segment
        self.offset = offset
        self.length = length
    }
}

/// One file of an artifact.
public struct FileEntry: Hashable, Sendable {
    /// Its relative path, with `/` between names.
    public let path: String
    /// What kind of file it is; of a symlink the content is the target.
    public let mode: FileMode
    /// Its size in bytes.
    public let size: Int
    /// The SHA-256 of its content, as `sha256sum` gives it.
    public let digest: Digest
    /// Where its bytes are, in order; none for an empty file, and none before it is packed.
    public let extents: [Extent]

    /// Makes an entry.
    public init(path: String, mode: FileMode, size: Int, digest: Digest, extents: [Extent] = []) {
        self.path = path
        self.mode = mode
        self.size = size
        self.digest = digest
        self.extents = extents
    }
}
