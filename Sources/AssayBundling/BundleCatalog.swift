public import AssayCore
public import AssayStore

/// The bundles of a store.
///
/// A bundle is found through the ref `bundle/<service>/<id>`, which names its manifest. The
/// commits a content was built from stand in a small document of their own, named by the ref
/// `provenance/<service>/<id>`: the manifest of an id never changes because a merge or a rebase
/// gave the same content another commit. Only one thing replaces a manifest: a build from a commit
/// replaces one that was marked dirty.
public enum BundleCatalog {
    static let revisionKey = "org.opencontainers.image.revision"
    static let titleKey = "org.opencontainers.image.title"
    static let dirtyKey = "dev.assay.bundle.dirty"

    /// The ref that names a bundle of a service.
    public static func refName(_ service: String, _ id: Digest) -> String {
        "bundle/\(service)/\(id.hex)"
    }

    /// Opens the bundle of an id. Throws `.notFound` if the store has none.
    public static func open(
        id: Digest, service: String, store: Store
    ) throws(AssayError) -> Bundle {
        guard let ref = try store.ref(refName(service, id)) else {
            throw AssayError(
                .notFound, "the store \(store.root) has no bundle \(id.short) of \(service)",
                hint: "see which there are with `assay bundle list`")
        }
        let bundle = try open(manifest: ref.digest, store: store)
        guard bundle.id == id, bundle.service == service else {
            throw AssayError(
                .damaged,
                "\(refName(service, id)) leads to bundle \(bundle.id.short) of \(bundle.service)",
                hint: "run `assay bundle verify`")
        }
        return bundle
    }

    /// Opens the bundle whose manifest has this digest.
    ///
    /// Throws `.digestMismatch` if its files are not those of its config, by which it has its id.
    public static func open(manifest: Digest, store: Store) throws(AssayError) -> Bundle {
        let artifact = try store.artifact(manifest)
        guard artifact.artifactType == BundleConfig.artifactType else {
            throw AssayError(
                .usage, "\(manifest) is not a bundle, but a \(artifact.artifactType)")
        }
        let config = try BundleConfig.parse(
            artifact.config, document: "the config of bundle \(manifest)")
        let id = Digest(of: artifact.config)
        try Bundle.check(config, artifact.files)
        var commits = try provenance(config.service, id, store: store)
        if let first = artifact.annotations[revisionKey], !commits.contains(first) {
            commits.insert(first, at: 0)
        }
        return Bundle(
            id: id, manifest: manifest, config: config, files: artifact.files, commits: commits,
            isDirty: artifact.annotations[dirtyKey] == "true")
    }

    /// The ids and manifests of all bundles, of one service or of all, by service and id.
    public static func list(
        service: String? = nil, store: Store
    ) throws(AssayError) -> [(service: String, id: Digest, manifest: Digest)] {
        var found: [(service: String, id: Digest, manifest: Digest)] = []
        let space = service.map { "bundle/\($0)" } ?? "bundle"
        for (name, ref) in try store.refs(in: space) {
            let parts = name.split(separator: "/").suffix(2)
            guard let last = parts.last, let id = Digest(hex: last) else { continue }
            let owner = service ?? parts.first.map(String.init) ?? ""
            found.append((owner, id, ref.digest))
        }
        return found.sorted { ($0.service, $0.id) < ($1.service, $1.id) }
    }
}
