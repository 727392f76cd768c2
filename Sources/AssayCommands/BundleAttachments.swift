import AssayBundling
import AssayCore
import AssayPromotion
import AssayRegistry
import AssayStore

/// What is said about a bundle, as the referrers of its manifest: verdicts, and where it came from.
enum BundleAttachments {
    static let verdictType = "application/vnd.assay.verdict.v1+json"
    static let provenanceType = "application/vnd.assay.provenance.v1+json"
    private static let statementType = "application/vnd.in-toto+json"

    /// All that a store knows about a bundle.
    static func all(of bundle: Bundle, store: Store) throws -> [Attachment] {
        try verdicts(of: bundle, store: store).map { verdict in
            Attachment(
                artifactType: verdictType, mediaType: statementType,
                digest: verdict.digest, size: try store.size(of: verdict.digest),
                annotations: [
                    "in-toto.io/predicate-type": Verdict.predicateType,
                    "org.opencontainers.image.title": bundle.service,
                    "dev.assay.verdict.stage": verdict.stage,
                    "dev.assay.verdict.decision": verdict.decision,
                ])
        } + provenance(of: bundle, store: store)
    }

    /// The verdicts on a bundle, by their digests.
    static func verdicts(of bundle: Bundle, store: Store) throws -> [Verdict] {
        var found: [Verdict] = []
        for (_, ref) in try store.refs(in: "verdict/\(bundle.service)") {
            let verdict = try Verdict(
                parsing: try store.read(ref.digest, limit: 64 << 20),
                name: "verdict \(ref.digest.short)")
            guard verdict.bundle == bundle.id, verdict.digest == ref.digest else { continue }
            found.append(verdict)
        }
        return found
    }

    private static func provenance(of bundle: Bundle, store: Store) throws -> [Attachment] {
        guard let digest = try BundleCatalog.provenance(of: bundle, store: store) else { return [] }
        return [
            Attachment(
                artifactType: provenanceType, mediaType: provenanceType, digest: digest,
                size: try store.size(of: digest),
                annotations: ["org.opencontainers.image.title": bundle.service])
        ]
    }

    /// Names a verdict that came from elsewhere. Throws `.damaged` if it is on another bundle than the
    /// one it came with.
    static func keep(
        verdict digest: Digest, about bundle: Digest, from place: String, store: Store
    ) throws {
        let name = "verdict \(digest.short) of \(place)"
        let verdict = try Verdict(parsing: try store.read(digest, limit: 64 << 20), name: name)
        guard verdict.bundle == bundle else {
            throw AssayError(
                .damaged,
                "\(name) is attached to bundle \(bundle.short), but is on \(verdict.bundle.short)")
        }
        try store.setRef("verdict/\(verdict.service)/\(digest.hex)", to: digest)
    }
}
