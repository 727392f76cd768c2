public import AssayCore
public import AssayGit
public import AssayStore

/// The contents that an `assay.lock` pins, as one artifact that travels without a bundle.
///
/// Found by what it holds: whoever has the commit can tell its key, also before the contents are here.
public enum PinArtifact {
    static let artifactType = "application/vnd.assay.pins.v1+json"
    static let configType = "application/vnd.assay.pins.config.v1+json"
    static let schema = "assay/pin-set/v1"

    /// The pins of the `assay.lock` of a commit; `directory` is the place of `assay.yaml` in it.
    public static func pins(
        at commit: CommitID, directory: String, repository: Repository
    ) throws(AssayError) -> PinFile {
        let path = directory.isEmpty ? PinFile.fileName : "\(directory)/\(PinFile.fileName)"
        guard let bytes = try repository.file(path, at: commit, limit: 1 << 28) else {
            return PinFile()
        }
        return try PinFile.parse(bytes, file: "\(path) at commit \(commit.short)")
    }

    /// The digest of the set of contents: SHA-256 of the artifact's config. `nil` for none.
    public static func key(of pins: PinFile) -> Digest? {
        let contents = contents(of: pins)
        return contents.isEmpty ? nil : Digest(of: config(contents))
    }

    /// The pins whose content a store lacks, by path.
    public static func missing(
        _ pins: PinFile, in store: Store
    ) throws(AssayError) -> [String] {
        let writer = try ContentWriter(store)
        var missing: [String] = []
        for path in pins.paths {
            guard let pin = pins[path] else { continue }
            if try !writer.holds(pin.digest, size: pin.size) { missing.append(path) }
        }
        return missing
    }

    /// Packs the contents of pins, which the store must have, and gives the manifest's digest.
    public static func pack(_ pins: PinFile, store: Store) throws(AssayError) -> Digest {
        let contents = contents(of: pins)
        return try store.putArtifact(
            ArtifactDraft(
                artifactType: artifactType, configType: configType, config: config(contents),
                files: contents.map { digest, size in
                    FileEntry(path: digest.hex, mode: .regular, size: size, digest: digest)
                }))
    }

    /// Checks the contents of an artifact of pins and keeps them, as `assay track` does: from then on
    /// a build finds them.
    public static func keep(_ manifest: Digest, store: Store) throws(AssayError) {
        let artifact = try store.artifact(manifest)
        guard artifact.artifactType == artifactType else {
            throw AssayError(
                .damaged, "\(manifest) does not hold pins, but is a \(artifact.artifactType)")
        }
        for file in artifact.files { try store.verify(file) }
        try store.setRef(TrackedContent.refName(artifact.files), to: manifest)
    }

    private static func contents(of pins: PinFile) -> [(Digest, Int)] {
        let sizes = Dictionary(
            pins.pins.values.map { ($0.digest, $0.size) }, uniquingKeysWith: { first, _ in first })
        return sizes.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func config(_ contents: [(Digest, Int)]) -> [UInt8] {
        CanonicalJSON.encode([
            "schema": JSONValue(schema),
            "pins": .array(contents.map { [JSONValue($0.0), JSONValue($0.1)] }),
        ])
    }
}
