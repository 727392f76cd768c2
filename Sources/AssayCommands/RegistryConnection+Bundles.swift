import AssayBundling
import AssayCore
import AssayRegistry
import AssayStore

extension RegistryConnection {
    /// Pushes a bundle, then its verdicts and where it came from as its referrers; gives what
    /// moved.
    ///
    /// A registry that has the id already, packed in another way, keeps its manifest: the content is
    /// the same.
    func push(_ bundle: Bundle) async throws -> Moved {
        let what = "bundle \(bundle.id.short) of \(bundle.service)"
        guard !bundle.isDirty else {
            throw AssayError(
                .usage, "\(what) was built from changed files and does not travel",
                hint: "commit them and push the commit")
        }
        let tag = RemoteTag.bundle(bundle.id)
        let present = try await remote(bundle.id)
        let report =
            present == nil || present?.digest == bundle.manifest
            ? try await push(what, bundle.manifest, tag: tag)
            : try await kept(what, present)
        guard let subject = try await client.artifact(tag: tag) else {
            throw AssayError(.network, "registry \(client.location.host) lost \(what) again")
        }
        let attachments = try BundleAttachments.all(of: bundle, store: store)
        let count = try await client.attach(attachments, to: subject, from: store)
        let words = count == 0 ? "" : ", and \(count) attached to it"
        return Moved(what, "pushed", report, words)
    }

    /// Looks whether what the registry has under the id is that content, before anything is said
    /// about it.
    private func kept(_ what: String, _ artifact: RemoteArtifact?) async throws -> TransferReport {
        guard let artifact else { return TransferReport() }
        _ = try await head(of: artifact, what)
        output.detail("\(what) is there with other segments, which stay")
        let count = artifact.listing.blobs.count
        return TransferReport(blobs: count, present: count)
    }

    /// A bundle of the registry by its config and map alone, without its segments.
    ///
    /// Throws `.digestMismatch` if its files are not those of its id.
    func head(of artifact: RemoteArtifact, _ what: String) async throws -> Bundle {
        let heads = [artifact.listing.config] + artifact.listing.layers.prefix(1)
        _ = try await pull(what, heads)
        try store.put(artifact.bytes)
        return try BundleCatalog.open(manifest: artifact.digest, store: store)
    }

    /// The manifest that the registry has for a bundle; `nil` if it has none.
    func remote(_ id: Digest) async throws -> RemoteArtifact? {
        guard let artifact = try await client.artifact(tag: RemoteTag.bundle(id)) else {
            return nil
        }
        guard artifact.listing.config.digest == id else {
            throw AssayError(
                .damaged,
                "\(client.location):\(RemoteTag.bundle(id)) leads to bundle "
                    + "\(artifact.listing.config.digest.short)",
                hint: "ask who moved that tag; it is never moved by `assay push`")
        }
        return artifact
    }

    /// Brings a bundle into the store with its verdicts; gives it and what moved.
    func pull(bundle id: Digest, _ artifact: RemoteArtifact) async throws -> (Bundle, Moved) {
        let what = "bundle \(id.short)"
        let report = try await pull(what, artifact)
        let (verdicts, commits) = try await pullAttachments(of: artifact, bundle: id)
        let bundle = try BundleCatalog.adopt(
            manifest: artifact.digest, commits: commits, store: store)
        let words =
            verdicts == 0 ? "" : ", with \(verdicts) \(verdicts == 1 ? "verdict" : "verdicts")"
        return (bundle, Moved("\(what) of \(bundle.service)", "pulled", report, words))
    }

    private func pullAttachments(
        of artifact: RemoteArtifact, bundle id: Digest
    ) async throws -> (verdicts: Int, commits: [String]) {
        let found = try await client.attachments(
            of: artifact.digest, type: BundleAttachments.verdictType, into: store)
        for blob in found {
            try BundleAttachments.keep(
                verdict: blob.digest, about: id, from: "registry \(client.location.host)",
                store: store)
        }
        var commits: [String] = []
        for blob in try await client.attachments(
            of: artifact.digest, type: BundleAttachments.provenanceType, into: store)
        {
            for commit in try BundleCatalog.commits(ofProvenance: blob.digest, store: store)
            where !commits.contains(commit) {
                commits.append(commit)
            }
        }
        return (found.count, commits)
    }
}
