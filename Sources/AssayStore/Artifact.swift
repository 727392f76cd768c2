public import AssayCore

/// A blob that an artifact lists as a layer of its own, beside its files.
public struct Layer: Hashable, Sendable {
    /// What kind of content it is.
    public let mediaType: String
    /// The blob.
    public let digest: Digest
    /// Its size in bytes, never 0.
    public let size: Int
    /// Facts about it for people and tools.
    public let annotations: [String: String]

    /// Makes a layer.
    public init(mediaType: String, digest: Digest, size: Int, annotations: [String: String] = [:]) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.annotations = annotations
    }
}

/// What is to become an artifact.
public struct ArtifactDraft: Sendable {
    /// What kind of artifact it is, and the media type of its config.
    public var artifactType: String, configType: String
    /// The bytes of the config blob.
    public var config: [UInt8]
    /// Files whose contents are blobs of the store; their extents are decided when they are packed.
    public var files: [FileEntry]
    /// Further blobs, listed after the segments in this order.
    public var layers: [Layer]
    /// Facts about the artifact that its config does not hold.
    public var annotations: [String: String]

    /// Makes a draft.
    public init(
        artifactType: String, configType: String, config: [UInt8], files: [FileEntry] = [],
        layers: [Layer] = [], annotations: [String: String] = [:]
    ) {
        self.artifactType = artifactType
        self.configType = configType
        self.config = config
        self.files = files
        self.layers = layers
        self.annotations = annotations
    }
}

/// An artifact as it lies in the store.
public struct Artifact: Hashable, Sendable {
    /// The digest of its manifest: how it travels.
    public let manifest: Digest
    /// What kind of artifact it is.
    public let artifactType: String
    /// The digest and the bytes of its config.
    public let configDigest: Digest, config: [UInt8]
    /// Its files, sorted by path; none when it has no map.
    public let files: [FileEntry]
    /// Its layers in order, the map and the segments among them.
    public let layers: [Layer]
    /// Facts about it that its config does not hold.
    public let annotations: [String: String]
}
