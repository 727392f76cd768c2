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
