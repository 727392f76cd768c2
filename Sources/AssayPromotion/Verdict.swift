public import AssayCore

/// A judgement in an in-toto Statement: what a hook and a release pipeline trust.
///
/// The statement's subject is the bundle; its predicate holds the judgement as it is, and the time.
/// Format: https://in-toto.io/Statement/v1. A verdict of this version is not signed and says so.
public struct Verdict: Hashable, Sendable {
    /// The judgement, canonical when written.
    public let judgement: JSONValue
    /// The service that was judged.
    public let service: String
    /// The bundle that was judged.
    public let bundle: Digest
    /// The manifest it travels as.
    public let manifest: Digest
    /// When the verdict was made, in seconds since 1970.
    public let time: Int64
    /// The commit that the policy was read at; `nil` if it was a file. Not in the judgement, because
    /// the same policy at another commit gives the same judgement.
    public let policyCommit: String?
    /// Which gate of this bundle to this stage by this policy it was, from 1, so that a pass after
    /// others that did not is seen for what it is.
    public let attempt: Int

    /// The predicate's type in the statement.
    public static let predicateType = "urn:assay:verdict:v1"
    static let statementType = "https://in-toto.io/Statement/v1"

    /// Makes a verdict around a judgement.
    ///
    /// Throws `.invalidDocument` if the judgement is of another bundle or service.
    public init(
        judgement: JSONValue, service: String, bundle: Digest, manifest: Digest, time: Int64,
        policyCommit: String? = nil, attempt: Int = 1
    ) throws(AssayError) {
        self.judgement = judgement
        self.service = service
        self.bundle = bundle
        self.manifest = manifest
        self.time = time
        self.policyCommit = policyCommit
        self.attempt = attempt
        let reader = JSONReader(judgement, document: "the judgement")
        guard try reader["candidate"].digest() == bundle, try reader["service"].string() == service
        else {
            throw AssayError(
                .invalidDocument, "the judgement is not of bundle \(bundle.short) of \(service)")
        }
        guard ["pass", "blocked", "hold"].contains(try reader["decision"].string()) else {
            throw reader["decision"].mismatch("pass, blocked or hold")
        }
        _ = try reader["stage"].string()
        _ = try reader["policy"]["digest"].digest()
    }

    /// The canonical bytes of the statement.
    public var bytes: [UInt8] { CanonicalJSON.encode(document) }

    /// The statement.
    public var document: JSONValue {
        [
            "_type": JSONValue(Self.statementType),
            "predicateType": JSONValue(Self.predicateType),
            "subject": [
                ["name": JSONValue(service), "digest": ["sha256": JSONValue(bundle.hex)]],
                ["name": "manifest", "digest": ["sha256": JSONValue(manifest.hex)]],
            ],
            "predicate": .object(present: [
                "judgement": judgement, "madeAt": .integer(time), "signature": "none",
                "policyCommit": policyCommit.map { JSONValue($0) },
                "attempt": attempt > 1 ? JSONValue(attempt) : nil,
            ]),
        ]
    }

    /// Reads a statement, strictly. `name` names it in errors.
    public init(parsing bytes: [UInt8], name: String) throws(AssayError) {
        let root = JSONReader(try JSONParser.parse(bytes, file: name), document: name)
        try root.allow(only: ["_type", "predicateType", "subject", "predicate"])
        guard try root["_type"].string() == Self.statementType,
            try root["predicateType"].string() == Self.predicateType
        else { throw AssayError(.unsupported, "\(name) is not a verdict of this version") }
        let subjects = try root["subject"].elements()
        guard subjects.count == 2, try subjects[1]["name"].string() == "manifest",
            let bundle = Digest(hex: try subjects[0]["digest"]["sha256"].string()),
            let manifest = Digest(hex: try subjects[1]["digest"]["sha256"].string())
        else { throw root["subject"].mismatch("a bundle and a manifest with their SHA-256") }
        let predicate = root["predicate"]
        try predicate.allow(only: ["judgement", "madeAt", "signature", "policyCommit", "attempt"])
        guard try predicate["signature"].string() == "none",
            let judgement = predicate["judgement"].value
        else {
            throw AssayError(.unsupported, "\(name) is signed in a way this version cannot check")
        }
        try self.init(
            judgement: judgement, service: try subjects[0]["name"].string(), bundle: bundle,
            manifest: manifest, time: Int64(try predicate["madeAt"].integer()),
            policyCommit: try predicate["policyCommit"].ifPresent?.string(),
            attempt: try predicate["attempt"].ifPresent?.integer() ?? 1)
    }

    /// The digest of the statement's bytes.
    public var digest: Digest { Digest(of: bytes) }

    /// What the judgement says: `pass`, `blocked` or `hold`.
    public var decision: String { text("decision") }
    /// The stage it was judged for.
    public var stage: String { text("stage") }
    /// The sentence that sums it up.
    public var headline: String { text("headline") }
    /// The digest of the policy it was judged by.
    public var policy: Digest? {
        try? JSONReader(judgement, document: "the judgement")["policy"]["digest"].digest()
    }

    /// The bundle that it was compared with; `nil` on a first run.
    public var baseline: Digest? {
        get throws(AssayError) {
            try JSONReader(judgement, document: "the judgement")["baseline"].ifPresent?.digest()
        }
    }

    private func text(_ key: String) -> String {
        // A judgement without it says nothing, which no question takes for a yes.
        (try? JSONReader(judgement, document: "the judgement")[key].string()) ?? ""
    }
}
