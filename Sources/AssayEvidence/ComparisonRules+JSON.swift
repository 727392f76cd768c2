public import AssayCore

extension ComparisonRules {
    /// The rules as a JSON array, in their order.
    public var json: JSONValue { .array(rules.map(\.json)) }

    /// Reads rules from a JSON array; throws `.invalidDocument` with the place of the fault.
    public init(json reader: JSONReader) throws(AssayError) {
        var rules: [Rule] = []
        for element in try reader.elements() { rules.append(try Rule(json: element)) }
        self.init(rules: rules)
    }

    /// The digest of the canonical form without line numbers: a rule that moved to another line of
    /// its policy is the same rule.
    public var digest: Digest {
        let bare = rules.map { Rule(pointer: $0.pointer, measure: $0.measure) }
        return Digest(of: CanonicalJSON.encode(ComparisonRules(rules: bare).json))
    }
}

extension ComparisonRules.Rule {
    /// The rule as a JSON object: `pointer`, `line` and one member that is the measure.
    public var json: JSONValue {
        var members: [String: JSONValue] = ["pointer": .string(pointer)]
        if let line { members["line"] = JSONValue(line) }
        switch measure {
        case .exact: members["exact"] = true
        case .tolerance(let absolute, let relative):
            members["tolerance"] = .object(present: [
                "absolute": absolute.map(JSONValue.double),
                "relative": relative.map(JSONValue.double),
            ])
        case .decision(let thresholds):
            members["decision"] = .array(thresholds.map(JSONValue.double))
        case .ignore(let reason): members["ignore"] = .string(reason)
        }
        return .object(members)
    }

    /// Reads a rule; throws `.invalidDocument` unless there is exactly one measure.
    public init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["pointer", "line", "exact", "tolerance", "decision", "ignore"])
        var measures: [ComparisonRules.Measure] = []
        if let exact = reader["exact"].ifPresent {
            guard try exact.bool() else { throw exact.mismatch("true") }
            measures.append(.exact)
        }
        if let tolerance = reader["tolerance"].ifPresent {
            try tolerance.allow(only: ["absolute", "relative"])
            let absolute = try tolerance["absolute"].ifPresent?.double()
            let relative = try tolerance["relative"].ifPresent?.double()
            measures.append(.tolerance(absolute: absolute, relative: relative))
        }
        if let decision = reader["decision"].ifPresent {
            var thresholds: [Double] = []
            for element in try decision.elements() { thresholds.append(try element.double()) }
            measures.append(.decision(thresholds: thresholds))
        }
        if let ignore = reader["ignore"].ifPresent {
            measures.append(.ignore(reason: try ignore.string()))
        }
        guard let measure = measures.first, measures.count == 1 else {
            throw reader.mismatch("exactly one of exact, tolerance, decision and ignore")
        }
        self.init(
            pointer: try reader["pointer"].string(), measure: measure,
            line: try reader["line"].ifPresent?.count())
    }
}
