public import AssayCore

extension Evidence {
    /// The schema that the document names.
    public static let schema = "assay/evidence/v1"

    /// The canonical bytes of the document.
    public func encode() -> [UInt8] { CanonicalJSON.encode(json) }

    /// The digest of the canonical bytes, by which the evidence is known.
    public var digest: Digest { Digest(of: encode()) }

    /// Reads a document; throws `.invalidDocument` for anything this version does not know.
    /// `name` names it in messages.
    public static func parse(_ bytes: [UInt8], name: String) throws(AssayError) -> Evidence {
        let value = try JSONParser.parse(bytes, file: name)
        return try Evidence(json: JSONReader(value, document: name))
    }

    /// The document as a JSON object.
    public var json: JSONValue {
        .object(present: [
            "schema": .string(Self.schema), "service": .string(service), "capture": capture.json,
            "arms": .array(arms.map(\.json)), "rules": rules.json,
            "rulesDigest": JSONValue(rules.digest), "seed": .string(String(seed)),
            "pacing": pacing.json, "isolation": .string(isolation.rawValue),
            "tool": .string(tool), "groups": .array(groups.map(\.json)),
            "latency": .object(latency.mapValues(\.json)), "sending": sending.map(\.json),
            "ledger": ledger.json,
            "suppressed": .object(suppressed.mapValues { JSONValue($0) }),
            "places": places.map(\.json), "redaction": redaction.map(\.json),
            "supplied": supplied.map(\.json),
            "misses": misses.isEmpty ? nil : JSONValue(misses),
            "notes": JSONValue(notes), "outcomes": JSONValue(outcomes),
            "timings": timings.map { JSONValue($0) }, "examples": examples.map { JSONValue($0) },
        ])
    }

    /// Reads the document; throws `.invalidDocument` with the place of the fault, also where the
    /// digest of the rules is not theirs.
    public init(json reader: JSONReader) throws(AssayError) {
        guard try reader["schema"].string() == Self.schema else {
            throw reader["schema"].mismatch(Self.schema)
        }
        try reader.allow(only: [
            "schema", "service", "capture", "arms", "rules", "rulesDigest", "seed", "pacing",
            "isolation", "tool", "groups", "latency", "sending", "ledger",
            "suppressed", "places", "redaction", "supplied", "misses", "notes", "outcomes",
            "timings", "examples",
        ])
        let rules = try ComparisonRules(json: reader["rules"])
        guard try reader["rulesDigest"].digest() == rules.digest else {
            throw reader["rulesDigest"].mismatch("the digest of the rules, \(rules.digest)")
        }
        guard let seed = UInt64(try reader["seed"].string()) else {
            throw reader["seed"].mismatch("a whole number in quotes")
        }
        var arms: [Arm] = []
        for element in try reader["arms"].elements() { arms.append(try Arm(json: element)) }
        var groups: [Group] = []
        for element in try reader["groups"].elements() { groups.append(try Group(json: element)) }
        var latency: [String: Latency] = [:]
        for (arm, member) in try reader["latency"].members() {
            latency[arm] = try Latency(json: member)
        }
        self.init(
            service: try reader["service"].string(),
            capture: try Capture(json: reader["capture"]), arms: arms, rules: rules, seed: seed,
            pacing: try Pacing(json: reader["pacing"]),
            isolation: try reader["isolation"].choice(of: Isolation.self),
            tool: try reader["tool"].string(), groups: groups, latency: latency,
            ledger: try LossLedger(json: reader["ledger"]),
            suppressed: try reader["suppressed"].countMap(),
            notes: try reader["notes"].strings(), outcomes: try reader["outcomes"].digest(),
            timings: try reader["timings"].ifPresent?.digest(),
            examples: try reader["examples"].ifPresent?.digest())
        places = try reader["places"].ifPresent.map(AnswerPlaces.init(json:))
        redaction = try reader["redaction"].ifPresent.map(Redaction.init(json:))
        sending = try reader["sending"].ifPresent.map(Sending.init(json:))
        supplied = try reader["supplied"].ifPresent.map(Supplied.init(json:))
        misses = try reader["misses"].ifPresent?.strings() ?? []
    }
}

extension JSONReader {
    /// The object of counts here.
    func countMap() throws(AssayError) -> [String: Int] {
        var map: [String: Int] = [:]
        for (key, member) in try members() { map[key] = try member.count() }
        return map
    }
}
