import AssayConfiguration
import AssayCore

/// Reads `limit`: directions and units that make sense for the kind.
enum LimitReader {
    static func limits(
        _ node: ConfigurationNode, kind: Check.Kind
    ) throws(AssayError) -> [Limit] {
        let grammar = allowed(kind)
        var limits: [Limit] = []
        for entry in try node.mapping(allowing: Set(Limit.Direction.allCases.map(\.rawValue)))
            .entries()
        {
            guard let direction = Limit.Direction(rawValue: entry.key),
                let units = grammar[direction]
            else {
                let known = grammar.keys.map(\.rawValue).sorted().joined(separator: ", ")
                throw AssayError(
                    .invalidDocument,
                    "`\(entry.key)` makes no sense for a check of kind `\(kind.rawValue)`",
                    hint: "it can have \(known)", at: entry.location)
            }
            let text = try entry.value.text()
            guard let (value, unit) = Quantity.limit(text), units.contains(unit) else {
                let examples = units.map { example($0) }.joined(separator: " or ")
                throw entry.value.failure(
                    "\(entry.value.name) is `\(text)`; a number with its unit is needed",
                    hint: "as in \(examples)")
            }
            if unit == .percent, direction == .max, value > 1 {
                throw entry.value.failure("\(entry.value.name) is more than 100%")
            }
            limits.append(
                Limit(
                    direction: direction, value: value, unit: unit, text: text,
                    line: entry.location.line))
        }
        guard !limits.isEmpty else { throw node.failure("\(node.name) sets no limit") }
        return limits
    }

    private static func allowed(_ kind: Check.Kind) -> [Limit.Direction: [Limit.Unit]] {
        switch kind {
        case .identity, .response: [.max: [.percent, .requests]]
        case .errors: [.max: [.percent, .requests], .maxIncrease: [.points]]
        case .latency: [.max: [.time], .maxIncrease: [.percent]]
        case .knownBugs: [.max: [.cases]]
        case .environment: [:]
        }
    }

    private static func example(_ unit: Limit.Unit) -> String {
        switch unit {
        case .percent: "`2%`"
        case .points: "`0.5pp`"
        case .time: "`80ms`"
        case .requests: "`0 requests`"
        case .cases: "`0 cases`"
        }
    }
}

/// Reads the rules of an environment check.
enum EnvironmentReader {
    static func rules(_ node: ConfigurationNode) throws(AssayError) -> [EnvironmentRule] {
        var rules: [EnvironmentRule] = []
        for element in try node.sequence() {
            try element.mapping(allowing: ["key", "level"])
            let key = try element.member("key")
            guard let pattern = KeyPattern(try key.text()) else {
                throw key.failure("\(key.name) is not a pattern: its braces do not match")
            }
            rules.append(
                EnvironmentRule(
                    pattern: pattern,
                    level: try element.member("level").value(EnvironmentRule.Level.self),
                    line: element.location.line))
        }
        guard !rules.isEmpty else { throw node.failure("\(node.name) has no rule") }
        return rules
    }
}
