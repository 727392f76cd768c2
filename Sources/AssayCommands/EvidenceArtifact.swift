import AssayCore
import AssayEvidence
import AssayReplay
import AssayStore

/// Evidence as one artifact that travels: its head is the config, so that its digest stays its name.
enum EvidenceArtifact {
    /// Makes the manifest of evidence that is in the store with all that it names.
    static func pack(_ digest: Digest, store: Store) throws(AssayError) -> Digest {
        let evidence = try EvidenceBlobs.evidence(digest, store: store)
        var layers: [Layer] = []
        for blob in blobs(of: evidence) where !layers.contains(where: { $0.digest == blob }) {
            layers.append(
                Layer(
                    mediaType: RegistryConnection.rowsType, digest: blob,
                    size: try store.size(of: blob)))
        }
        return try store.putArtifact(
            ArtifactDraft(
                artifactType: RegistryConnection.evidenceType,
                configType: RegistryConnection.evidenceType,
                config: try store.read(digest, limit: 64 << 20), layers: layers))
    }

    /// Names evidence that came from elsewhere, once all that it names is here; gives it.
    ///
    /// It gets a name of its own and not that of a replay, so that a gate here never takes it for a
    /// replay of its own.
    static func keep(_ digest: Digest, store: Store) throws(AssayError) -> Evidence {
        let evidence = try EvidenceBlobs.evidence(digest, store: store)
        for blob in blobs(of: evidence) where !(try store.hold(blob)) {
            throw AssayError(
                .damaged, "evidence \(digest.short) came without its part \(blob.short)",
                hint: "push it again from where it was made")
        }
        try store.setRef("evidence/\(evidence.service)/pulled-\(digest.hex)", to: digest)
        return evidence
    }

    private static func blobs(of evidence: Evidence) -> [Digest] {
        [evidence.outcomes, evidence.timings, evidence.examples].compactMap { $0 }
    }
}
