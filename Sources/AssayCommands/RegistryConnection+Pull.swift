import AssayBundling
import AssayCore
import AssayGit
import AssayRegistry
import AssayStore
import SystemPackage

/// One thing that somebody wants from a registry.
enum PullWish: Sendable {
    /// A bundle, by the first digits of its id.
    case bundle(String)
    /// What a commit means: its pinned files, and the bundle that is built from them.
    case revision(String, CommitID, PinFile, root: FilePath, directory: String)
    /// What an `assay.lock` pins.
    case pins(PinFile)
    /// A capture, by its name.
    case capture(String)
    /// Evidence, by the first digits of its digest.
    case evidence(String)
}

extension RegistryConnection {
    /// All bundles and captures of the registry.
    func everything() async throws -> [PullWish] {
        try await client.allTags().sorted().compactMap { tag in
            RemoteTag.bundle(of: tag).map { .bundle($0.hex) }
                ?? RemoteTag.capture(of: tag).map { .capture($0) }
        }
    }

    /// Brings what was wished for; gives lines that tell it.
    func pull(_ wish: PullWish, component: String?, force: Bool) async throws -> [String] {
        switch wish {
        case .capture(let name): return [try await pull(capture: name, force: force)]
        case .evidence(let digits): return [try await pull(evidence: digits)]
        case .pins(let pins):
            return [try await pull(pins: pins) ?? "every pinned file is here already"]
        case .bundle(let digits):
            let (id, artifact) = try await find(digits)
            if let component { return [try await pull(component, of: id, artifact)] }
            return [try await pull(bundle: id, artifact).1]
        case .revision(let name, let commit, let pins, let root, let directory):
            if let component { return [try await pull(component, of: name, commit)] }
            var lines = [try await pull(pins: pins)].compactMap { $0 }
            let repository = try Repository.discover(from: root)
            let bundle = try BundleBuilder.build(
                repository: repository, commit: commit, directory: directory, store: store)
            guard let artifact = try await remote(bundle.id) else {
                return lines + [
                    "bundle \(bundle.id.short) of \(name) is built here; nobody pushed it yet"
                ]
            }
            lines.append(try await pull(bundle: bundle.id, artifact).1)
            return lines
        }
    }

    /// The bundle of the registry whose id begins with some digits.
    private func find(_ digits: String) async throws -> (Digest, RemoteArtifact) {
        guard
            let id = try await tag("bundle-", digits, "bundles").flatMap(RemoteTag.bundle(of:)),
            let artifact = try await remote(id)
        else {
            throw AssayError(
                .notFound, "registry \(client.location) has no bundle \(digits.prefix(12))",
                hint: "push it from where it was built with `assay push`")
        }
        return (id, artifact)
    }

    private func pull(
        _ component: String, of name: String, _ commit: CommitID
    ) async throws -> String {
        // The id is known only once the bundle is built, so that the commit leads to it.
        for tag in try await client.allTags() {
            guard let id = RemoteTag.bundle(of: tag), let artifact = try await remote(id),
                artifact.listing.annotations["org.opencontainers.image.revision"]
                    == commit.description
            else { continue }
            return try await pull(component, of: id, artifact)
        }
        throw AssayError(
            .notFound,
            "registry \(client.location) has no bundle that was built from \(name) first",
            hint: "name the bundle by its id: `assay bundle list` where it was built")
    }

    /// Brings the map of a bundle and the segments of one component, and keeps its files, so that
    /// a build or a replay finds them. The bundle is not named: it is not whole.
    private func pull(
        _ component: String, of id: Digest, _ artifact: RemoteArtifact
    ) async throws -> String {
        let what = "\(component) of bundle \(id.short)"
        let heads = [artifact.listing.config] + artifact.listing.layers.prefix(1)
        _ = try await pull(what, heads)
        try store.put(artifact.bytes)
        let bundle = try BundleCatalog.open(manifest: artifact.digest, store: store)
        let files = bundle.files.filter { bundle.config.component(ofFile: $0.path) == component }
        let wanted = Set(files.flatMap(\.extents).map(\.segment))
        let report = try await pull(
            what, artifact.listing.blobs.filter { wanted.contains($0.digest) })
        try BundleCatalog.keep(files, store: store)
        return Self.sentence("\(what), \(files.count) files", "pulled", report)
    }
}
