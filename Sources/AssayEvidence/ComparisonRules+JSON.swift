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
        Digest(of: CanonicalJSON.encode(unlined.json))
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
        case .ulp(let count, let bits):
            members["ulp"] = ["count": JSONValue(count), "bits": JSONValue(bits)]
        case .time(let nanoseconds): members["time"] = .integer(nanoseconds)
        case .shape(let shape): members["shape"] = .string(shape.rawValue)
        case .text(let aspects): members["text"] = JSONValue(aspects.map(\.rawValue))
        case .cosine(let minimum): members["cosine"] = .double(minimum)
        case .rank(let top, let overlap, let key):
            members["rank"] = .object(present: [
                "top": JSONValue(top), "overlap": .double(overlap), "key": key.map { .string($0) },
            ])
        case .ignore(let reason): members["ignore"] = .string(reason)
        }
        switch pairing {
        case .ordered: break
        case .multiset: members["array"] = "multiset"
        case .keyed(let pointer): members["array"] = ["key": .string(pointer)]
        }
        return .object(members)
    }

    /// Reads a rule; throws `.invalidDocument` unless there is exactly one measure.
    public init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "pointer", "line", "exact", "tolerance", "decision", "ulp", "time", "shape", "text",
            "cosine", "rank", "ignore", "array",
        ])
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
        measures += try Self.closerMeasures(reader)
        guard let measure = measures.first, measures.count == 1 else {
            throw reader.mismatch("exactly one measure")
        }
        self.init(
            pointer: try reader["pointer"].string(), measure: measure,
            pairing: try Self.pairing(reader["array"].ifPresent),
            line: try reader["line"].ifPresent?.count())
    }

    private static func closerMeasures(
        _ reader: JSONReader
    ) throws(AssayError) -> [ComparisonRules.Measure] {
        var measures: [ComparisonRules.Measure] = []
        if let ulp = reader["ulp"].ifPresent {
            try ulp.allow(only: ["count", "bits"])
            measures.append(
                .ulp(count: try ulp["count"].count(), bits: try ulp["bits"].count()))
        }
        if let time = reader["time"].ifPresent {
            measures.append(.time(within: Int64(try time.integer())))
        }
        if let shape = reader["shape"].ifPresent {
            guard let known = ComparisonRules.Shape(rawValue: try shape.string()) else {
                throw shape.mismatch("a shape")
            }
            measures.append(.shape(known))
        }
        if let text = reader["text"].ifPresent {
            var aspects: [ComparisonRules.TextAspect] = []
            for name in try text.strings() {
                guard let aspect = ComparisonRules.TextAspect(rawValue: name) else {
                    throw text.mismatch("aspects of a text")
                }
                aspects.append(aspect)
            }
            measures.append(.text(ignoring: aspects))
        }
        if let cosine = reader["cosine"].ifPresent {
            measures.append(.cosine(minimum: try cosine.double()))
        }
        if let rank = reader["rank"].ifPresent {
            try rank.allow(only: ["top", "overlap", "key"])
            measures.append(
                .rank(
                    top: try rank["top"].count(), overlap: try rank["overlap"].double(),
                    key: try rank["key"].ifPresent?.string()))
        }
        return measures
    }

    private static func pairing(
        _ reader: JSONReader?
    ) throws(AssayError) -> ComparisonRules.ArrayPairing {
        guard let reader else { return .ordered }
        if case .string(let name) = reader.value {
            guard name == "multiset" else { throw reader.mismatch("multiset, or a key") }
            return .multiset
        }
        try reader.allow(only: ["key"])
        return .keyed(try reader["key"].string())
    }
}
