import AssayConfiguration
import AssayCore
import AssayEvidence

/// Reads `compare` and the measures in it.
enum ComparisonReader {
    static func rules(_ node: ConfigurationNode?) throws(AssayError) -> ComparisonRules {
        var rules = ComparisonRules()
        for entry in try node?.entries() ?? [] {
            try checkPointer(entry)
            rules.rules.append(
                ComparisonRules.Rule(
                    pointer: entry.key, measure: try measure(entry.value),
                    line: entry.location.line))
        }
        return rules
    }

    /// Throws unless the entry's key is a JSON Pointer.
    static func checkPointer(_ entry: ConfigurationNode.Entry) throws(AssayError) {
        guard JSONPointer.tokens(entry.key) != nil else {
            throw AssayError(
                .invalidDocument, "`\(entry.key)` is not a JSON Pointer",
                hint: "pointers start with `/`, as in `/score` or `/items/*/id`",
                at: entry.location)
        }
    }

    /// One measure: `exact`, `{abs:, rel:}`, `{decision: [..]}` or `{ignore: reason}`.
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
        for later in ["ulp", "rank", "cosine", "time", "shape", "text", "array"] {
            if let place = try node.optional(later) {
                throw place.unsupported("the measure `\(later)`")
            }
        }
        try node.mapping(allowing: ["abs", "rel", "decision", "ignore"])
        if let reason = try node.optional("ignore") {
            try node.mapping(allowing: ["ignore"])
            let text = try reason.text()
            guard text.contains(where: { !$0.isWhitespace }) else {
                throw reason.failure("\(reason.name) must give a reason")
            }
            return .ignore(reason: text)
        }
        if let decision = try node.optional("decision") {
            try node.mapping(allowing: ["decision"])
            var thresholds: [Double] = []
            for element in try decision.oneOrMore() { thresholds.append(try element.number()) }
            guard !thresholds.isEmpty else {
                throw decision.failure("\(decision.name) needs at least one threshold")
            }
            return .decision(thresholds: thresholds)
        }
        let absolute = try tolerance(try node.optional("abs"))
        let relative = try tolerance(try node.optional("rel"))
        guard absolute != nil || relative != nil else {
            throw node.failure(
                "\(node.name) has no measure",
                hint: "write `exact`, `{abs: 1e-6}` or `{rel: 1e-6}`")
        }
        return .tolerance(absolute: absolute, relative: relative)
    }

    private static func tolerance(_ node: ConfigurationNode?) throws(AssayError) -> Double? {
        guard let node else { return nil }
        let number = try node.number()
        guard number >= 0 else { throw node.failure("\(node.name) must not be negative") }
        return number
    }
}
