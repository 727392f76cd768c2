import AssayConfiguration
import AssayCore
import AssayEvidence

/// Reads `compare` and the measures in it.
enum ComparisonReader {
    static func rules(_ node: ConfigurationNode?) throws(AssayError) -> ComparisonRules {
        var rules = ComparisonRules()
        for entry in try node?.entries() ?? [] {
            let rule = ComparisonRules.Rule(
                pointer: entry.key, measure: try measure(entry.value),
                pairing: try pairing(entry.value), line: entry.location.line)
            try checkPlace(rule, entry)
            rules.rules.append(rule)
        }
        return rules
    }

    /// Throws unless the rule is for a place of an answer, and one that it can be followed at: a JSON
    /// Pointer into the body, `body` for the whole, `status`, or `header:` and a name or `*`.
    private static func checkPlace(
        _ rule: ComparisonRules.Rule, _ entry: ConfigurationNode.Entry
    ) throws(AssayError) {
        if rule.pointer == "body" { return }
        if rule.pointer == "status" {
            switch rule.measure {
            case .exact where rule.pairing == .ordered, .ignore: return
            default:
                throw entry.value.failure(
                    "a status is compared with `exact` or `{ignore: \"why\"}` only")
            }
        }
        guard !rule.pointer.hasPrefix("egress:") else {
            throw AssayError(
                .invalidDocument,
                "`\(rule.pointer)` can have no rule: what is asked of dependencies is compared as it is",
                hint: "leave the rule out; calls that are rightly new are answered with "
                    + "`--egress-answers`", at: entry.location)
        }
        guard rule.pointer.hasPrefix("header:") else { return try checkPointer(entry) }
        let name = rule.pointer.dropFirst(7)
        guard !name.isEmpty, name.utf8.allSatisfy(isTokenPart) else {
            throw AssayError(
                .invalidDocument, "`\(rule.pointer)` names no header",
                hint: "write `header:x-model`, or `header:*` for any", at: entry.location)
        }
        switch (rule.measure, rule.pairing) {
        case (.cosine, _), (.rank, _), (_, .multiset), (_, .keyed):
            throw entry.value.failure("\(entry.value.name) is for arrays, and a header is no array")
        default: return
        }
    }

    /// Whether a byte may stand in the name of a header (RFC 9110, section 5.6.2).
    private static func isTokenPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Throws unless the entry's key is a JSON Pointer.
    static func checkPointer(_ entry: ConfigurationNode.Entry) throws(AssayError) {
        guard JSONPointer.tokens(entry.key) != nil else {
            throw AssayError(
                .invalidDocument, "`\(entry.key)` is not a JSON Pointer",
                hint: Suggestion.nearest(to: entry.key, among: ["status", "body"])
                    .map { "did you mean `\($0)`, which stands under `compare`?" }
                    ?? "pointers start with `/`, as in `/score` or `/items/*/id`",
                at: entry.location)
        }
    }

    /// One measure: `exact`, or a mapping of one of the keys below with those that go with it.
    static func measure(
        _ node: ConfigurationNode
    ) throws(AssayError) -> ComparisonRules.Measure {
        if node.isText {
            if try node.text() == "ignore" {
                throw node.failure(
                    "\(node.name) ignores without a reason",
                    hint: "write `{ignore: \"why\"}`")
            }
            _ = try node.choice(of: ["exact"])
            return .exact
        }
        try node.mapping(allowing: [
            "abs", "rel", "decision", "ulp", "bits", "time", "shape", "text", "cosine", "rank",
            "overlap", "key", "ignore", "array",
        ])
        if let reason = try node.optional("ignore") {
            try node.mapping(allowing: ["ignore"])
            let text = try reason.text()
            guard text.contains(where: { !$0.isWhitespace }) else {
                throw reason.failure("\(reason.name) must give a reason")
            }
            return .ignore(reason: text)
        }
        if let decision = try node.optional("decision") {
            try node.mapping(allowing: ["decision", "array"])
            var thresholds: [Double] = []
            for element in try decision.oneOrMore() { thresholds.append(try element.number()) }
            guard !thresholds.isEmpty else {
                throw decision.failure("\(decision.name) needs at least one threshold")
            }
            return .decision(thresholds: thresholds)
        }
        if let measure = try closerMeasure(node) { return measure }
        try node.mapping(allowing: ["abs", "rel", "array"])
        let absolute = try tolerance(try node.optional("abs"))
        let relative = try tolerance(try node.optional("rel"))
        if absolute == nil, relative == nil, try node.optional("array") != nil { return .exact }
        guard absolute != nil || relative != nil else {
            throw node.failure(
                "\(node.name) has no measure",
                hint: "write `exact`, `{abs: 1e-6}` or `{rel: 1e-6}`")
        }
        return .tolerance(absolute: absolute, relative: relative)
    }

    /// The measures that know what a value is: units in the last place, times, shapes, texts,
    /// vectors, rankings.
    private static func closerMeasure(
        _ node: ConfigurationNode
    ) throws(AssayError) -> ComparisonRules.Measure? {
        if let ulp = try node.optional("ulp") {
            try node.mapping(allowing: ["ulp", "bits", "array"])
            let count = try ulp.integer()
            let bits = try node.optional("bits")?.integer() ?? 64
            guard count >= 0 else { throw ulp.failure("\(ulp.name) must not be negative") }
            guard bits == 32 || bits == 64 else {
                throw node.failure("\(node.name) must have `bits: 32` or `bits: 64`")
            }
            return .ulp(count: count, bits: bits)
        }
        if let time = try node.optional("time") {
            try node.mapping(allowing: ["time", "array"])
            return .time(within: try time.duration())
        }
        if let shape = try node.optional("shape") {
            try node.mapping(allowing: ["shape", "array"])
            return .shape(try shape.value(ComparisonRules.Shape.self))
        }
        if let text = try node.optional("text") {
            try node.mapping(allowing: ["text", "array"])
            var aspects: Set<ComparisonRules.TextAspect> = []
            for element in try text.oneOrMore() {
                aspects.insert(try element.value(ComparisonRules.TextAspect.self))
            }
            return .text(ignoring: aspects.sorted { $0.rawValue < $1.rawValue })
        }
        if let cosine = try node.optional("cosine") {
            try node.mapping(allowing: ["cosine"])
            let minimum = try cosine.number()
            guard (-1...1).contains(minimum) else {
                throw cosine.failure("\(cosine.name) must be from -1 to 1")
            }
            return .cosine(minimum: minimum)
        }
        guard let rank = try node.optional("rank") else { return nil }
        try node.mapping(allowing: ["rank", "overlap", "key"])
        let overlap = try node.member("overlap")
        guard let share = Quantity.share(try overlap.text()) else {
            throw overlap.failure("\(overlap.name) must be a share, as in `80%`")
        }
        return .rank(
            top: try rank.positive(), overlap: share, key: try key(try node.optional("key")))
    }

    /// `array: multiset` or `array: {key: /id}`; by index where nothing is said.
    private static func pairing(
        _ node: ConfigurationNode
    ) throws(AssayError) -> ComparisonRules.ArrayPairing {
        guard !node.isText, let array = try node.optional("array") else { return .ordered }
        if array.isText {
            _ = try array.choice(of: ["multiset"])
            return .multiset
        }
        try array.mapping(allowing: ["key"])
        guard let key = try key(try array.member("key")) else { return .ordered }
        return .keyed(key)
    }

    private static func key(_ node: ConfigurationNode?) throws(AssayError) -> String? {
        guard let node else { return nil }
        let pointer = try node.text()
        guard let tokens = JSONPointer.tokens(pointer), !tokens.isEmpty, !tokens.contains("*")
        else {
            throw node.failure(
                "\(node.name) must be a JSON Pointer into an element, as in `/id`")
        }
        return pointer
    }

    private static func tolerance(_ node: ConfigurationNode?) throws(AssayError) -> Double? {
        guard let node else { return nil }
        let number = try node.number()
        guard number >= 0 else { throw node.failure("\(node.name) must not be negative") }
        return number
    }
}
