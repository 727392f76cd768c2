import AssayCore
import AssayEvidence
import AssayRegistry
import AssayReplay
import AssayStore

extension RegistryConnection {
    static let evidenceType = "application/vnd.assay.evidence.v1+json"
    static let rowsType = "application/vnd.assay.evidence.rows.v1.ndjson+zstd"

    /// Pushes evidence with its rows, timings and kept answers; gives what moved.
    func push(evidence digest: Digest) async throws -> Moved {
        let evidence = try EvidenceBlobs.evidence(digest, store: store)
        let manifest = try EvidenceArtifact.pack(digest, store: store)
        let what = "evidence \(digest.short) of \(evidence.service)"
        let report = try await push(what, manifest, tag: RemoteTag.evidence(digest))
        return Moved(what, "pushed", report)
    }

    /// Brings the evidence whose digest begins with some digits into the store, and names it; gives
    /// the line that tells it.
    func pull(evidence digits: String) async throws -> Moved {
        guard let tag = try await self.tag("evidence-", digits, "evidence"),
            let digest = RemoteTag.evidence(of: tag),
            let artifact = try await client.artifact(tag: tag)
        else {
            throw AssayError(
                .notFound,
                "registry \(client.location) has no evidence \(digits.prefix(12))",
                hint:
                    "push it from where it was made with `assay push evidence/\(digits.prefix(12))`"
            )
        }
        guard artifact.listing.config.digest == digest else {
            throw AssayError(
                .damaged,
                "\(client.location):\(tag) leads to evidence \(artifact.listing.config.digest.short)",
                hint: "ask who moved that tag; it is never moved by `assay push`")
        }
        let report = try await pull("evidence \(digest.short)", artifact)
        let evidence = try EvidenceArtifact.keep(digest, store: store)
        return Moved("evidence \(digest.short) of \(evidence.service)", "pulled", report)
    }

    /// The one tag of a kind that some digits abbreviate; `nil` for none. Lists the tags unless all 64
    /// digits are given. Throws `.ambiguous` for several.
    func tag(_ prefix: String, _ digits: String, _ kind: String) async throws -> String? {
        let tag = prefix + digits.lowercased()
        if digits.utf8.count == 64 { return tag }
        let matches = try await client.allTags().filter { $0.hasPrefix(tag) }
        guard matches.count <= 1 else {
            throw AssayError(
                .ambiguous,
                "\(digits) abbreviates \(matches.count) of the \(kind) in \(client.location)",
                hint: "write more digits")
        }
        return matches.first
    }
}
