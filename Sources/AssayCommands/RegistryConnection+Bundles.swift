import AssayBundling
import AssayCore
import AssayRegistry
import AssayStore

extension RegistryConnection {
    /// Pushes a bundle, then its verdicts and where it came from as its referrers; gives the line
    /// that tells it.
    ///
    /// A registry that has the id already, packed in another way, keeps its manifest: the content is
    /// the same.
    func push(_ bundle: Bundle) async throws -> String {
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
        return Self.sentence(what, "pushed", report) + words
    }

    private func kept(_ what: String, _ artifact: RemoteArtifact?) async throws -> TransferReport {
        output.detail("\(what) is there with other segments, which stay")
        let count = artifact?.listing.blobs.count ?? 0
        return TransferReport(blobs: count, present: count)
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

    /// Brings a bundle into the store with its verdicts; gives it and the line that tells it.
    func pull(bundle id: Digest, _ artifact: RemoteArtifact) async throws -> (Bundle, String) {
        let what = "bundle \(id.short)"
        let report = try await pull(what, artifact)
        let (verdicts, commits) = try await pullAttachments(of: artifact, bundle: id)
        let bundle = try BundleCatalog.adopt(
            manifest: artifact.digest, commits: commits, store: store)
        let words =
            verdicts == 0 ? "" : ", with \(verdicts) \(verdicts == 1 ? "verdict" : "verdicts")"
        return (bundle, Self.sentence("\(what) of \(bundle.service)", "pulled", report) + words)
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
