import AssayBundling
import AssayCore
import AssayEvidence
import AssayPromotion
import AssayReplay
import AssayStore

/// What the documents that this program puts into a store lead to, and what was promoted.
enum StoreLinks {
    /// Reads the links of evidence, kept answers, verdicts, provenance and sets of pins.
    static let reader = LinkReader([
        "assay/evidence/v1": { (root) throws(AssayError) in try evidence(root) },
        KeptAnswers.schema: { (root) throws(AssayError) in try answers(root) },
        "assay/pin-set/v1": { (_) throws(AssayError) in DocumentLinks([]) },
        "assay/provenance/v1": { (_) throws(AssayError) in DocumentLinks([]) },
        "https://in-toto.io/Statement/v1": { (root) throws(AssayError) in try verdict(root) },
    ])

    /// The bundles that were ever promoted, as far as this store has them.
    static func promotions(_ workspace: Workspace) throws -> [StoreRoot] {
        let ledger = Ledger(repository: workspace.repository)
        var roots: Set<StoreRoot> = []
        for service in try ledger.services() {
            for entry in try ledger.log(service: service) {
                roots.insert(
                    StoreRoot(
                        .promotion,
                        name:
                            "bundle \(entry.bundle.short), promoted to \(entry.stage) of \(service)",
                        digest: entry.manifest, isRequired: false))
            }
        }
        return roots.sorted { ($0.name, $0.digest) < ($1.name, $1.digest) }
    }

    private static func evidence(_ root: JSONReader) throws(AssayError) -> DocumentLinks {
        var links: [DocumentLinks.Link] = []
        for member in ["outcomes", "timings", "examples"] {
            if let reader = root[member].ifPresent { links.append(.init(try reader.digest())) }
        }
        return DocumentLinks(links)
    }

    private static func answers(_ root: JSONReader) throws(AssayError) -> DocumentLinks {
        var links: [DocumentLinks.Link] = []
        for (_, arm) in try root["arms"].members() {
            for blob in try arm["blobs"].elements() { links.append(.init(try blob.digest())) }
        }
        return DocumentLinks(links)
    }

    /// A verdict is whole without what it was made from, which may be on another machine; what is here
    /// of it is kept.
    private static func verdict(_ root: JSONReader) throws(AssayError) -> DocumentLinks {
        var links: [DocumentLinks.Link] = []
        for subject in try root["subject"].elements() {
            if let digest = Digest(hex: try subject["digest"]["sha256"].string()) {
                links.append(.init(digest, isRequired: false, isDocument: true))
            }
        }
        if let evidence = root["predicate"]["judgement"]["evidence"].ifPresent {
            for item in try evidence.elements() {
                links.append(
                    .init(try item["digest"].digest(), isRequired: false, isDocument: true))
            }
        }
        return DocumentLinks(links)
    }
}
