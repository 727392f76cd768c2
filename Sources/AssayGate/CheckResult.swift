import AssayCore
import AssayStatistics

/// What one check found.
public struct CheckResult: Hashable, Sendable {
    /// How a check ended.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// Within its limit, shown by an interval or a count.
        case pass
        /// Beyond its limit, shown by an interval or a count.
        case fail
        /// The interval holds the limit: more evidence is needed.
        case undecided
        /// There was nothing to decide on.
        case missing
        /// The measurement cannot be trusted in this run.
        case void
        /// The check is not meant for this change.
        case notApplicable = "not-applicable"
    }

    /// What an outcome does to the decision.
    public enum Effect: String, Hashable, Sendable, CaseIterable { case none, warn, hold, block }

    /// A field that differs, with its share.
    public struct Field: Hashable, Sendable {
        /// Where, and what kind of difference.
        public var path: String, kind: String
        /// Exchanges that show it, and their share of those compared with its interval.
        public var count: Int, share: Double, lower: Double, upper: Double
    }

    /// The check's id, kind, and line in the policy.
    public var id: String, kind: String, line: Int
    /// How it ended, and what that does.
    public var outcome: Outcome, effect: Effect
    /// The slice that decided, as `carrier=HA`; `nil` for the whole.
    public var slice: String?
    /// What was measured, on both sides and between them, with the interval at the level that decided.
    public var baseline: Double?, candidate: Double?, lower: Double?, upper: Double?
    /// The unit of these: `share`, `ns`, `ratio`, `count`.
    public var unit: String
    /// The limit as people write it.
    public var limit: String
    /// Exchanges and sessions it was decided on, and the differences that were noise.
    public var requests: Int, sessions: Int, noise: Int
    /// The chance of so much under the limit, raw and after the corrections.
    public var p: Double?, adjusted: Double?
    /// How the interval was made.
    public var method: String
    /// Why it ended so, in a sentence.
    public var reason: String
    /// Fields that differ, the heaviest first.
    public var fields: [Field]
    /// Exchanges that show it.
    public var examples: [String]
    /// How many requests would decide it.
    public var needed: Int?

    init(_ check: Check) {
        id = check.id
        kind = check.kind.name
        line = check.line
        outcome = .missing
        effect = .none
        unit = "share"
        limit = check.limit?.text ?? ""
        requests = 0
        sessions = 0
        noise = 0
        method = ""
        reason = ""
        fields = []
        examples = []
    }

    var document: JSONValue {
        func number(_ value: Double?) -> JSONValue? { value.map { .double($0) } }
        let fieldList = fields.map { field -> JSONValue in
            [
                "path": JSONValue(field.path), "kind": JSONValue(field.kind),
                "count": JSONValue(field.count), "share": .double(field.share),
                "lower": .double(field.lower), "upper": .double(field.upper),
            ]
        }
        return .object(present: [
            "id": JSONValue(id), "kind": JSONValue(kind), "line": JSONValue(line),
            "outcome": JSONValue(outcome.rawValue), "effect": JSONValue(effect.rawValue),
            "slice": slice.map { JSONValue($0) }, "baseline": number(baseline),
            "candidate": number(candidate), "lower": number(lower), "upper": number(upper),
            "unit": JSONValue(unit), "limit": JSONValue(limit), "requests": JSONValue(requests),
            "sessions": JSONValue(sessions), "noise": JSONValue(noise), "p": number(p),
            "adjusted": number(adjusted), "method": JSONValue(method), "reason": JSONValue(reason),
            "fields": .array(fieldList), "examples": JSONValue(examples),
            "needed": needed.map { JSONValue($0) },
        ])
    }

    init(_ reader: JSONReader) throws(AssayError) {
        func number(_ key: String) throws(AssayError) -> Double? {
            try reader[key].ifPresent?.double()
        }
        guard let outcome = Outcome(rawValue: try reader["outcome"].string()) else {
            throw reader["outcome"].mismatch("an outcome")
        }
        guard let effect = Effect(rawValue: try reader["effect"].string()) else {
            throw reader["effect"].mismatch("an effect")
        }
        id = try reader["id"].string()
        kind = try reader["kind"].string()
        line = try reader["line"].integer()
        self.outcome = outcome
        self.effect = effect
        slice = try reader["slice"].ifPresent?.string()
        baseline = try number("baseline")
        candidate = try number("candidate")
        lower = try number("lower")
        upper = try number("upper")
        unit = try reader["unit"].string()
        limit = try reader["limit"].string()
        requests = try reader["requests"].integer()
        sessions = try reader["sessions"].integer()
        noise = try reader["noise"].integer()
        p = try number("p")
        adjusted = try number("adjusted")
        method = try reader["method"].string()
        reason = try reader["reason"].string()
        fields = []
        for item in try reader["fields"].elements() {
            fields.append(
                Field(
                    path: try item["path"].string(), kind: try item["kind"].string(),
                    count: try item["count"].integer(), share: try item["share"].double(),
                    lower: try item["lower"].double(), upper: try item["upper"].double()))
        }
        examples = try reader["examples"].strings()
        needed = try reader["needed"].ifPresent?.integer()
    }
}
