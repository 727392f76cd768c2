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
    /// All bundles and captures of the registry, or the bundles alone.
    func everything(captures: Bool) async throws -> [PullWish] {
        try await client.allTags().sorted().compactMap { tag in
            if let id = RemoteTag.bundle(of: tag) { return .bundle(id.hex) }
            guard captures else { return nil }
            return RemoteTag.capture(of: tag).map { .capture($0) }
        }
    }

    /// Brings what was wished for; gives what moved.
    func pull(_ wish: PullWish, component: String?, force: Bool) async throws -> [Moved] {
        switch wish {
        case .capture(let name): return [try await pull(capture: name, force: force)]
        case .evidence(let digits): return [try await pull(evidence: digits)]
        case .pins(let pins):
            return [
                try await pull(pins: pins)
                    ?? Moved("pinned files", "every pinned file is here already")
            ]
        case .bundle(let digits):
            let (id, artifact) = try await find(digits)
            if let component { return [try await pull(component, of: id, artifact)] }
            return [try await pull(bundle: id, artifact).1]
        case .revision(let name, let commit, let pins, let root, let directory):
            if let component {
                let (id, artifact) = try await find(name, commit, root: root, directory: directory)
                return [try await pull(component, of: id, artifact)]
            }
            var lines = [try await pull(pins: pins)].compactMap { $0 }
            let repository = try Repository.discover(from: root)
            let bundle = try BundleBuilder.build(
                repository: repository, commit: commit, directory: directory, store: store)
            guard let artifact = try await remote(bundle.id) else {
                let what = "bundle \(bundle.id.short) of \(name)"
                return lines + [Moved(what, "\(what) is built here; nobody pushed it yet")]
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

    /// The bundle of the registry that a commit builds, by its id, which its files and pins tell; else
    /// the one that was built from the commit first.
    private func find(
        _ name: String, _ commit: CommitID, root: FilePath, directory: String
    ) async throws -> (Digest, RemoteArtifact) {
        do {
            let id = try BundleBuilder.identify(
                repository: try Repository.discover(from: root), commit: commit,
                directory: directory, store: store)
            if let artifact = try await remote(id) { return (id, artifact) }
        } catch let error as AssayError where error.code == .notFound {
            output.detail("the id of \(name) is not known without its contents: \(error.message)")
        }
        for tag in try await client.allTags() {
            guard let id = RemoteTag.bundle(of: tag), let artifact = try await remote(id),
                artifact.listing.annotations["org.opencontainers.image.revision"]
                    == commit.description
            else { continue }
            return (id, artifact)
        }
        throw AssayError(
            .notFound, "registry \(client.location) has no bundle of \(name)",
            hint: "push it from where it was built with `assay push`, or name one by its id")
    }

    /// Brings the map of a bundle and the segments of one component, and keeps its files, so that
    /// a build or a replay finds them. The bundle is not named: it is not whole.
    private func pull(
        _ component: String, of id: Digest, _ artifact: RemoteArtifact
    ) async throws -> Moved {
        let what = "\(component) of bundle \(id.short)"
        let bundle = try await head(of: artifact, what)
        let files = bundle.files.filter { bundle.config.component(ofFile: $0.path) == component }
        let wanted = Set(files.flatMap(\.extents).map(\.segment))
        let report = try await pull(
            what, artifact.listing.blobs.filter { wanted.contains($0.digest) })
        try BundleCatalog.keep(files, store: store)
        return Moved("\(what), \(files.count) files", "pulled", report)
    }
}
