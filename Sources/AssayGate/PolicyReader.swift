import AssayConfiguration
public import AssayCore
import AssayEvidence

extension Policy {
    /// Reads `gate.yaml`. `file` names it in errors, which carry line and column.
    ///
    /// Throws `.invalidDocument` for anything outside the grammar, and `.unsupported` for what the
    /// grammar has and this version does not.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> Policy {
        let root = try ConfigurationDocument.parse(bytes, file: file)
        if let trust = try root.optional("trust") {
            throw trust.unsupported("`trust`")
        }
        try root.mapping(allowing: [
            "schema", "compare", "baseline", "captures", "stats", "defaults", "slice_defaults",
            "checks", "stages", "break_glass", "protect",
        ])
        let schema = try root.member("schema")
        guard try schema.text() == Policy.schema else {
            throw schema.failure(
                "`schema` is `\(try schema.text())`; it must be `\(Policy.schema)`")
        }
        let rules = try ComparisonReader.rules(try root.optional("compare"))
        let captures = try captureRules(try root.optional("captures"))
        let baseline = try baselineRule(try root.optional("baseline"))
        let reader = CheckReader(
            captures: captures, baseline: baseline, rules: rules,
            defaults: try CheckDefaults(
                try root.optional("defaults"), slices: try root.optional("slice_defaults")))
        let checks = try reader.checks(try root.member("checks"))
        let stages = try StageReader.stages(try root.member("stages"), checks: checks)
        if let resolve = baseline.resolve, let node = try root.optional("baseline") {
            let name = resolve.hasPrefix("stage/") ? String(resolve.dropFirst(6)) : resolve
            guard resolve.hasPrefix("stage/"), stages.contains(where: { $0.name == name }) else {
                let nearest = Suggestion.nearest(to: name, among: stages.map(\.name))
                throw try node.member("resolve").failure(
                    "`resolve` must be `stage/` and a stage of this policy, not `\(resolve)`",
                    hint: nearest.map { "did you mean `stage/\($0)`?" }
                        ?? "stages: \(stages.map(\.name).joined(separator: ", "))")
            }
        }
        return Policy(
            digest: Digest(of: bytes), source: file, comparisonRules: rules, baseline: baseline,
            captures: captures, statistics: try statisticsRule(try root.optional("stats")),
            checks: checks, stages: stages,
            breakGlass: try StageReader.breakGlass(
                try root.optional("break_glass"), checks: checks),
            protectedRefs: try root.optional("protect")?.texts() ?? [])
    }

    private static func baselineRule(
        _ node: ConfigurationNode?
    ) throws(AssayError) -> Baseline {
        guard let node = try node?.mapping(allowing: ["resolve", "if_missing"]) else {
            return Baseline(resolve: nil, ifMissing: .block)
        }
        let ifMissing = try node.optional("if_missing")?.value(Baseline.IfMissing.self)
        return Baseline(
            resolve: try node.optional("resolve")?.text(), ifMissing: ifMissing ?? .block)
    }

    private static func captureRules(
        _ node: ConfigurationNode?
    ) throws(AssayError) -> [CaptureRule] {
        var rules: [CaptureRule] = []
        for entry in try node?.entries() ?? [] {
            let value = try entry.value.mapping(allowing: [
                "ref", "id", "min_requests", "max_age", "max_unmatched",
            ])
            var id: Digest?
            if let node = try value.optional("id") {
                id = Digest(try node.text())
                guard id != nil else {
                    throw node.failure(
                        "\(node.name) must be a capture's id, as in `sha256:` and 64 hex digits")
                }
            }
            var unmatched = 0.001
            if let node = try value.optional("max_unmatched") {
                guard let share = Quantity.share(try node.text()) else {
                    throw node.failure("\(node.name) must be a share, as in `0.1%`")
                }
                unmatched = share
            }
            rules.append(
                CaptureRule(
                    name: entry.key, ref: try value.member("ref").text(), id: id,
                    minimumRequests: try value.optional("min_requests")?.positive(),
                    maximumAge: try value.optional("max_age")?.duration(),
                    maximumUnmatched: unmatched, line: entry.location.line))
        }
        return rules
    }

    private static func statisticsRule(
        _ node: ConfigurationNode?
    ) throws(AssayError) -> StatisticsRule {
        var rule = StatisticsRule(confidence: 0.95, replicates: 2000, seed: 1)
        guard let node = try node?.mapping(allowing: ["confidence", "resample"]) else {
            return rule
        }
        if let confidence = try node.optional("confidence") {
            guard let share = Quantity.share(try confidence.text()), share >= 0.5, share <= 0.9999
            else {
                throw confidence.failure("\(confidence.name) must be from `50%` to `99.99%`")
            }
            rule.confidence = share
        }
        if let resample = try node.optional("resample") {
            try resample.mapping(allowing: ["unit", "reps", "seed"])
            if let unit = try resample.optional("unit"), try unit.text() != "session" {
                throw unit.failure("\(unit.name) must be `session`")
            }
            if let reps = try resample.optional("reps") {
                let count = try reps.integer()
                guard (100...100_000).contains(count) else {
                    throw reps.failure("\(reps.name) must be from 100 to 100000")
                }
                rule.replicates = count
            }
            if let seed = try resample.optional("seed") {
                guard let value = UInt64(exactly: try seed.integer()) else {
                    throw seed.failure("\(seed.name) must not be negative")
                }
                rule.seed = value
            }
        }
        return rule
    }
}

extension ConfigurationNode {
    /// One of the names of a closed set.
    func value<Value: RawRepresentable<String> & CaseIterable>(
        _ type: Value.Type
    ) throws(AssayError) -> Value {
        let text = try choice(of: Value.allCases.map(\.rawValue))
        guard let value = Value(rawValue: text) else { throw failure("\(name) is not known") }
        return value
    }

    /// A whole number of at least one.
    func positive() throws(AssayError) -> Int {
        let number = try integer()
        guard number > 0 else { throw failure("\(name) must be at least 1") }
        return number
    }

    /// A duration in nanoseconds.
    func duration() throws(AssayError) -> Int64 {
        guard let duration = Quantity.duration(try text()) else {
            throw failure("\(name) must be a duration, as in `30d`, `24h`, `15m` or `10s`")
        }
        return duration
    }

    /// An error for what the grammar has and this version does not.
    func unsupported(_ what: String) -> AssayError {
        AssayError(.unsupported, "\(what) is not supported by this version", at: location)
    }
}
