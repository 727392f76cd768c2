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
            let evidence = try judgement.evidence.map {
                ($0.digest, try EvidenceBlobs.evidence($0.digest, store: store))
            }
            return Opened(
                document: verdict.document,
                verdict: OpenVerdict(
                    digest: verdict.digest, verdict: verdict, judgement: judgement),
                evidence: evidence)
        }
    }

    /// Looks through the refs of evidence and verdicts. Throws `.notFound` or `.ambiguous`.
    func find(_ name: String) throws -> Found {
        let digits = name.split(separator: "/").last.map { String($0) } ?? name
        let hex = digits.hasPrefix("sha256:") ? String(digits.dropFirst(7)) : digits
        guard hex.utf8.count >= 6, hex.allSatisfy(\.isHexDigit) else {
            throw AssayError(
                .usage, "\(name) is not the digest of evidence or of a verdict",
                hint:
                    "write at least 6 of its digits, as `assay gate` and `assay replay` print them")
        }
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
