public import AssayCore

/// What an artifact's manifest lists: what has to travel with it.
public struct ArtifactManifest: Hashable, Sendable {
    /// What kind of artifact it is.
    public let artifactType: String
    /// The blob of its config.
    public let config: Layer
    /// Its layers in order, the map and the segments among them.
    public let layers: [Layer]
    /// Facts about it that its config does not hold.
    public let annotations: [String: String]

    /// Reads the bytes of a manifest, which may come from elsewhere; `name` names it in errors.
    ///
    /// Throws `.invalidDocument` and `.damaged` for what is not one, `.limit` for one that is too large.
    public init(parsing bytes: [UInt8], name: String) throws(AssayError) {
        guard bytes.count <= Manifest.maximumSize else {
            throw AssayError(.limit, "\(name) has \(ByteCount(bytes.count)), at most 1 MiB")
        }
        let manifest = try Manifest(parsing: bytes, name: name)
        artifactType = manifest.artifactType
        config = manifest.config
        layers = manifest.layers
        annotations = manifest.annotations
    }

    /// Every blob it needs, each once, in order: the config, then the layers.
    public var blobs: [Layer] {
        var seen: Set<Digest> = []
        return ([config] + layers).filter { seen.insert($0.digest).inserted }
    }
}

extension Store {
    /// What the manifest of an artifact lists; all of it stays while this process has the store open.
    /// Costs a read of the manifest alone.
    public func listing(of manifest: Digest) throws(AssayError) -> ArtifactManifest {
        try holdForReading(manifest)
        return try ArtifactManifest(
            parsing: try read(manifest, limit: 1 << 20), name: "manifest \(manifest)")
    }

    /// Whether a blob of that digest and size is here. Says nothing about its health; reading does.
    public func has(_ blob: Layer) throws(AssayError) -> Bool {
        guard contains(blob.digest) else { return false }
        return try size(of: blob.digest) == blob.size
    }
}
