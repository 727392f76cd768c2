public import AssayCore

/// One change of a stage: a promotion or a rollback.
public struct LedgerEntry: Hashable, Sendable {
    /// What was done.
    public enum Kind: String, Hashable, Sendable { case promotion, rollback }

    /// What was done.
    public let kind: Kind
    /// The service and its stage.
    public let service: String, stage: String
    /// The bundle that the stage now has, and the manifest it travels as.
    public let bundle: Digest, manifest: Digest
    /// The bundle that the stage had before.
    public let previous: Digest?
    /// The path of the verdict on `refs/assay/verdicts`, and its digest.
    public let verdict: String, verdictDigest: Digest
    /// The digest of the policy that admitted the bundle; `nil` in entries of the first versions.
    public let policy: Digest?
    /// The git commit that the policy was read at; `nil` if it was read from the work tree.
    public let policyCommit: String?
    /// The git commit it was promoted from, where it is known.
    public let commit: String?
    /// Why, in the words of whoever did it.
    public let reason: String?
    /// Counts the changes of this stage from 1.
    public let sequence: Int
    /// When, in seconds since 1970, and who.
    public let time: Int64, by: String

    static let schema = "assay/ledger/v1"

    /// The document that the stage's file holds.
    public var document: JSONValue {
        .object(present: [
            "schema": JSONValue(Self.schema), "kind": JSONValue(kind.rawValue),
            "service": JSONValue(service), "stage": JSONValue(stage), "bundle": JSONValue(bundle),
            "manifest": JSONValue(manifest), "previous": previous.map { JSONValue($0) },
            "verdict": JSONValue(verdict), "verdictDigest": JSONValue(verdictDigest),
            "policy": policy.map { JSONValue($0) },
            "policyCommit": policyCommit.map { JSONValue($0) },
            "commit": commit.map { JSONValue($0) }, "reason": reason.map { JSONValue($0) },
            "sequence": JSONValue(sequence), "time": .integer(time), "by": JSONValue(by),
        ])
    }

    /// Reads the document of a stage's file, strictly.
    init(parsing bytes: [UInt8], name: String) throws(AssayError) {
        let root = JSONReader(try JSONParser.parse(bytes, file: name), document: name)
        try root.allow(only: [
            "schema", "kind", "service", "stage", "bundle", "manifest", "previous", "verdict",
            "verdictDigest", "policy", "policyCommit", "commit", "reason", "sequence", "time", "by",
        ])
        guard try root["schema"].string() == Self.schema else {
            throw AssayError(.unsupported, "\(name) is of a schema this version does not know")
        }
        guard let kind = Kind(rawValue: try root["kind"].string()) else {
            throw root["kind"].mismatch("promotion or rollback")
        }
        self.init(
            kind: kind, service: try root["service"].string(), stage: try root["stage"].string(),
            bundle: try root["bundle"].digest(), manifest: try root["manifest"].digest(),
            previous: try root["previous"].ifPresent?.digest(),
            verdict: try root["verdict"].string(),
            verdictDigest: try root["verdictDigest"].digest(),
            policy: try root["policy"].ifPresent?.digest(),
            policyCommit: try root["policyCommit"].ifPresent?.string(),
            commit: try root["commit"].ifPresent?.string(),
            reason: try root["reason"].ifPresent?.string(),
            sequence: try root["sequence"].integer(),
            time: Int64(try root["time"].integer()), by: try root["by"].string())
    }

    init(
        kind: Kind, service: String, stage: String, bundle: Digest, manifest: Digest,
        previous: Digest?, verdict: String, verdictDigest: Digest, policy: Digest?,
        policyCommit: String?, commit: String?, reason: String?, sequence: Int, time: Int64,
        by: String
    ) {
        self.kind = kind
        self.service = service
        self.stage = stage
        self.bundle = bundle
        self.manifest = manifest
        self.previous = previous
        self.verdict = verdict
        self.verdictDigest = verdictDigest
        self.policy = policy
        self.policyCommit = policyCommit
        self.commit = commit
        self.reason = reason
        self.sequence = sequence
        self.time = time
        self.by = by
    }
}
