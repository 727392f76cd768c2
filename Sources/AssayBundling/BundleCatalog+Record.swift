import AssayCore
import AssayStore

extension BundleCatalog {
    static let provenanceSchema = "assay/provenance/v1"

    static func provenanceName(_ service: String, _ id: Digest) -> String {
        "provenance/\(service)/\(id.hex)"
    }

    /// Makes a draft a bundle: the manifest, then the provenance, the ref last.
    static func record(
        _ draft: BundleBuilder.Draft, commit: String?, isDirty: Bool, writer: ContentWriter
    ) throws(AssayError) -> Bundle {
        let store = writer.store
        let config = draft.config
        let name = refName(config.service, config.id)
        while true {
            let known = try store.ref(name)
            if let known {
                let bundle = try open(manifest: known.digest, store: store)
                if isDirty || !bundle.isDirty {
                    if let commit, !isDirty { try note(commit, config, store: store) }
                    try writer.saveStats()
                    return try open(manifest: known.digest, store: store)
                }
            }
            var annotations = [titleKey: config.service]
            annotations[revisionKey] = commit
            if isDirty { annotations[dirtyKey] = "true" }
            let manifest = try writer.putArtifact(
                ArtifactDraft(
                    artifactType: BundleConfig.artifactType, configType: BundleConfig.mediaType,
                    config: config.bytes, files: draft.files, annotations: annotations))
            if let fault = try open(manifest: manifest, store: store).linkFault(store: store) {
                throw AssayError(
                    .usage,
                    "could not take \(fault.path) into a bundle: the symlink \(fault.reason)",
                    hint: "put the file itself there, or exclude it in `code`")
            }
            if let commit, !isDirty { try note(commit, config, store: store) }
            do throws(AssayError) {
                _ = try store.setRef(
                    name, to: manifest, expecting: known.map { .exactly($0) } ?? .absent)
                try writer.reached(manifest)
                return try open(manifest: manifest, store: store)
            } catch  where error.code == .conflict {
                // Somebody else recorded the same content meanwhile; theirs counts.
                continue
            }
        }
    }

    /// Adds a commit to those an id was built from.
    static func note(
        _ commit: String, _ config: BundleConfig, store: Store
    ) throws(AssayError) {
        let name = provenanceName(config.service, config.id)
        while true {
            let known = try store.ref(name)
            var commits = try provenance(config.service, config.id, store: store)
            if commits.contains(commit) { return }
            commits.append(commit)
            let document = CanonicalJSON.encode([
                "schema": .string(provenanceSchema), "commits": JSONValue(commits),
            ])
            let blob = try store.put(document)
            do throws(AssayError) {
                _ = try store.setRef(
                    name, to: blob, expecting: known.map { .exactly($0) } ?? .absent)
                return
            } catch  where error.code == .conflict {
                continue
            }
        }
    }

    /// The commits an id was built from, oldest build first.
    static func provenance(
        _ service: String, _ id: Digest, store: Store
    ) throws(AssayError) -> [String] {
        guard let ref = try store.ref(provenanceName(service, id)) else { return [] }
        return try commits(
            in: ref.digest, name: "the provenance \(ref.digest) of bundle \(id.short)", store: store
        )
    }

    /// The commits of a document of provenance.
    static func commits(
        in digest: Digest, name document: String, store: Store
    ) throws(AssayError) -> [String] {
        let root = JSONReader(
            try JSONParser.parse(try store.read(digest, limit: 1 << 24), file: document),
            document: document)
        guard try root["schema"].string() == provenanceSchema else {
            throw AssayError(
                .unsupported, "\(document) is of a schema this version does not know",
                hint: "use a newer assay")
        }
        return try root["commits"].strings()
    }
}
