public import AssayCore

extension Judgement {
    /// The document; its canonical bytes are what is digested and signed.
    public var json: JSONValue {
        .object(present: [
            "schema": .string(Self.schema), "decision": .string(decision.rawValue),
            "headline": .string(headline), "stage": .string(stage), "service": .string(service),
            "candidate": JSONValue(candidate), "baseline": baseline.map { JSONValue($0) },
            "firstRun": .bool(firstRun), "changed": JSONValue(changed),
            "unchanged": JSONValue(unchanged), "changes": JSONValue(changes),
            "policy": ["digest": JSONValue(policy), "source": .string(policySource)],
            "tool": .string(tool), "seed": .string(String(seed)),
            "evidence": .array(evidence.map(\.json)), "checks": .array(checks.map(\.json)),
            "notChecked": .object(notChecked.mapValues { JSONValue($0) }),
            "notes": JSONValue(notes), "next": JSONValue(next),
        ])
    }

    /// The canonical bytes: equal for equal judgements.
    public var bytes: [UInt8] { CanonicalJSON.encode(json) }

    /// Reads a judgement from its bytes; `name` names it in errors.
    public static func parse(_ bytes: [UInt8], name: String) throws(AssayError) -> Judgement {
        try Judgement(JSONReader(try JSONParser.parse(bytes, file: name), document: name))
    }

    /// Reads a judgement strictly: members that this version does not know are refused.
    public init(_ reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "schema", "decision", "headline", "stage", "service", "candidate", "baseline",
            "firstRun", "changed", "unchanged", "changes", "policy", "tool", "seed", "evidence",
            "checks", "notChecked", "notes", "next",
        ])
        guard try reader["schema"].string() == Self.schema else {
            throw reader["schema"].mismatch("`\(Self.schema)`")
        }
        let policy = reader["policy"]
        try policy.allow(only: ["digest", "source"])
        guard let seed = UInt64(try reader["seed"].string()) else {
            throw reader["seed"].mismatch("a whole number as text")
        }
        var evidence: [EvidenceUse] = []
        for element in try reader["evidence"].elements() {
            evidence.append(try EvidenceUse(element))
        }
        var checks: [CheckResult] = []
        for element in try reader["checks"].elements() { checks.append(try CheckResult(element)) }
        var notChecked: [String: [String]] = [:]
        for (key, value) in try reader["notChecked"].members() {
            notChecked[key] = try value.strings()
        }
        self.init(
            decision: try reader["decision"].name(of: Decision.self),
            headline: try reader["headline"].string(), stage: try reader["stage"].string(),
            service: try reader["service"].string(), candidate: try reader["candidate"].digest(),
            baseline: try reader["baseline"].ifPresent?.digest(),
            firstRun: try reader["firstRun"].bool(), changed: try reader["changed"].strings(),
            unchanged: try reader["unchanged"].strings(),
            changes: try reader["changes"].stringMap(), policy: try policy["digest"].digest(),
            policySource: try policy["source"].string(), tool: try reader["tool"].string(),
            seed: seed, evidence: evidence, checks: checks, notChecked: notChecked,
            notes: try reader["notes"].strings(), next: try reader["next"].strings())
    }
}

extension Judgement.EvidenceUse {
    var json: JSONValue {
        .object(present: [
            "name": .string(name), "ref": .string(ref), "digest": JSONValue(digest),
            "capture": JSONValue(capture), "exchanges": JSONValue(exchanges),
            "chosen": JSONValue(chosen), "sessions": JSONValue(sessions),
            "replayed": JSONValue(replayed), "compared": JSONValue(compared),
            "errored": JSONValue(errored), "unmatched": JSONValue(unmatched),
            "supplied": supplied.map { JSONValue($0) },
        ])
    }

    init(_ reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "name", "ref", "digest", "capture", "exchanges", "chosen", "sessions", "replayed",
            "compared", "errored", "unmatched", "supplied",
        ])
        self.init(
            name: try reader["name"].string(), ref: try reader["ref"].string(),
            digest: try reader["digest"].digest(), capture: try reader["capture"].digest(),
            exchanges: try reader["exchanges"].integer(), chosen: try reader["chosen"].integer(),
            sessions: try reader["sessions"].integer(),
            replayed: try reader["replayed"].integer(),
            compared: try reader["compared"].integer(), errored: try reader["errored"].integer(),
            unmatched: try reader["unmatched"].integer(),
            supplied: try reader["supplied"].ifPresent?.digest())
    }
}

extension JSONReader {
    /// The member of a closed set that the string here names.
    func name<Value: RawRepresentable<String> & CaseIterable>(
        of type: Value.Type
    ) throws(AssayError) -> Value {
        guard let value = Value(rawValue: try string()) else {
            throw mismatch("one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }
}
