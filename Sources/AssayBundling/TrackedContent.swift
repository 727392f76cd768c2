import AssayCore
import AssayStore

/// Contents that are pinned and in no bundle yet.
///
/// A ref of their own keeps them: `content/<tree digest of the files>`. It names an artifact whose
/// config says no more than its schema.
enum TrackedContent {
    static let artifactType = "application/vnd.assay.content.v1+json"
    static let configType = "application/vnd.assay.content.config.v1+json"
    static let config = CanonicalJSON.encode(["schema": "assay/content/v1"])

    /// The ref that keeps files.
    static func refName(_ files: [FileEntry]) -> String {
        "content/\(TreeDigest.of(files).hex)"
    }

    static func entry(_ path: String, _ pin: PinFile.Pin) -> FileEntry {
        FileEntry(path: path, mode: .regular, size: pin.size, digest: pin.digest)
    }
}

extension ContentWriter {
    /// Keeps files whose contents no ref reaches yet.
    func keep(_ new: [FileEntry]) throws(AssayError) {
        guard !new.isEmpty else { return try saveStats() }
        let manifest = try putArtifact(
            ArtifactDraft(
                artifactType: TrackedContent.artifactType, configType: TrackedContent.configType,
                config: TrackedContent.config, files: new))
        try store.setRef(TrackedContent.refName(new), to: manifest)
        try reached(manifest)
    }
}
