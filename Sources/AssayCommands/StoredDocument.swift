import AssayCore
import AssayEvidence
import AssayGate
import AssayPromotion
import AssayReplay
import AssayStore

/// Finds evidence and verdicts in the store by an abbreviation of their digest.
struct StoredDocument {
    let store: Store

    /// What was found.
    enum Found {
        case evidence(Digest, Evidence)
        case verdict(Verdict)
    }

    /// A document with the evidence that it is or rests on.
    struct Opened {
        /// The document itself.
        let document: JSONValue
        let verdict: OpenVerdict?
        let evidence: [(digest: Digest, evidence: Evidence)]
        /// The evidence of a verdict from elsewhere that did not come with it.
        var absent: [Digest] = []

        /// Throws `.notFound` if evidence that has to be looked into is not here.
        func requireEvidence() throws(AssayError) {
            guard let first = absent.first, let verdict else { return }
            throw AssayError(
                .notFound,
                "evidence \(first.short) of verdict \(verdict.digest.short) is not in this store",
                hint: StoredDocument.whereabouts(of: first))
        }
    }

    /// How evidence comes here that is on the machine of a gate.
    static func whereabouts(of evidence: Digest) -> String {
        "bring it with `assay pull evidence/\(evidence.short)`, once it was pushed from where that gate "
            + "ran, with `assay push evidence/\(evidence.short)`"
    }

    /// A verdict and the judgement that it wraps.
    struct OpenVerdict {
        let digest: Digest
        let verdict: Verdict
        let judgement: Judgement
    }

    /// Finds a document and reads the evidence behind it.
    func open(_ name: String) throws -> Opened {
        switch try find(name) {
        case .evidence(let digest, let evidence):
            return Opened(document: evidence.json, verdict: nil, evidence: [(digest, evidence)])
        case .verdict(let verdict):
            let judgement = try Judgement(
                JSONReader(verdict.judgement, document: "verdict \(verdict.digest.short)"))
            let named = judgement.evidence.map(\.digest)
            let absent = named.filter { !store.contains($0) }
            let evidence = try named.filter { !absent.contains($0) }.map {
                ($0, try EvidenceBlobs.evidence($0, store: store))
            }
            return Opened(
                document: verdict.document,
                verdict: OpenVerdict(
                    digest: verdict.digest, verdict: verdict, judgement: judgement),
                evidence: evidence, absent: absent)
        }
    }

    /// The hexadecimal digits of a name, at least 6; throws `.usage` for what has none.
    static func digits(of name: String) throws(AssayError) -> String {
        let last = name.split(separator: "/").last.map { String($0) } ?? name
        let hex = last.hasPrefix("sha256:") ? String(last.dropFirst(7)) : last
        guard (6...64).contains(hex.utf8.count), hex.allSatisfy(\.isHexDigit) else {
            throw AssayError(
                .usage, "\(name) is not the digest of evidence or of a verdict",
                hint:
                    "write at least 6 of its digits, as `assay gate` and `assay replay` print them")
        }
        return hex.lowercased()
    }

    /// Looks through the refs of evidence and verdicts. Throws `.notFound` or `.ambiguous`.
    func find(_ name: String) throws -> Found {
        let hex = try Self.digits(of: name)
        let evidence = Set(try store.refs(in: "evidence").map(\.ref.digest)).filter {
            $0.hex.hasPrefix(hex)
        }
        let verdicts = Set(try store.refs(in: "verdict").map(\.ref.digest)).filter {
            $0.hex.hasPrefix(hex)
        }
        guard evidence.count + verdicts.count <= 1 else {
            throw AssayError(
                .ambiguous, "\(name) abbreviates several documents", hint: "write more digits")
        }
        if let digest = evidence.first {
            return .evidence(digest, try EvidenceBlobs.evidence(digest, store: store))
        }
        if let digest = verdicts.first {
            return .verdict(
                try Verdict(
                    parsing: try store.read(digest, limit: 64 << 20),
                    name: "verdict \(digest.short)"))
        }
        throw AssayError(
            .notFound, "there is no evidence and no verdict \(name) in the store",
            hint: "make one with `assay gate` or `assay replay`")
    }
}
