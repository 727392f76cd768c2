import AssayConfiguration
public import AssayCore
import AssayEvidence

extension Policy {
    /// The schema of the file.
    public static let schema = "assay/gate/v1"

    /// The components of a bundle, which `when` may name.
    static let components = ["code", "data", "features", "weights", "environment", "serve"]

    /// Reads `gate.yaml`, strictly: what is unknown is refused with its place.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> Policy {
        let root = try ConfigurationNode.parse(bytes, file: file).fields([
            "schema", "compare", "baseline", "captures", "stats", "defaults", "slice_defaults",
            "checks", "stages", "break_glass",
        ])
        let schema = try root.required("schema")
        guard try schema.text() == Self.schema else {
            throw schema.fault("the schema is not \(Self.schema), which this version reads")
        }
        let rules = try comparisonRules(root["compare"])
        let captures = try captures(root["captures"])
        let defaults = try CheckDefaults(root["defaults"], slices: root["slice_defaults"])
        var checks: [Check] = []
        for node in try root.required("checks").list() {
            let check = try Check(node, defaults: defaults, captures: captures, rules: rules)
            guard !checks.contains(where: { $0.id == check.id }) else {
                throw node.fault("a check named \(check.id) stands here twice")
            }
            checks.append(check)
        }
        guard !checks.isEmpty else {
            throw try root.required("checks").fault("a gate without checks would check nothing")
        }
        var unenforced: [String] = []
        let stages = try stages(root.required("stages"), checks: checks, unenforced: &unenforced)
        if root["break_glass"] != nil {
            unenforced.append("break_glass is not offered by this version")
        }
        let baseline = try root["baseline"]?.fields(["resolve", "if_missing"])
        return Policy(
            digest: Digest(of: bytes), rules: rules,
            baselineStage: try baselineStage(baseline?["resolve"], stages: stages),
            allowsFirstRun: try baseline?["if_missing"]?.choice(["first_run", "block"]) != "block",
            captures: captures, confidence: try confidence(root["stats"]), checks: checks,
            stages: stages, unenforced: unenforced)
    }

    private static func comparisonRules(_ node: ConfigurationNode?) throws(AssayError)
        -> ComparisonRules
    {
        var rules: [ComparisonRules.Rule] = []
        for (pointer, value) in try node?.entries() ?? [] {
            guard JSONPointer.tokens(pointer) != nil || pointer.hasPrefix("header:") else {
                throw value.fault("`\(pointer)` is not a JSON Pointer, as /score or /items/*/price")
            }
            rules.append(
                .init(pointer: pointer, measure: try measure(value), line: value.location.line))
        }
        return ComparisonRules(rules: rules)
    }

    /// One way to compare: `exact`, `{abs:, rel:}`, `{decision: [thresholds]}` or `{ignore: reason}`.
    static func measure(_ node: ConfigurationNode) throws(AssayError) -> ComparisonRules.Measure {
        guard node.isMap else {
            _ = try node.choice(["exact"])
            return .exact
        }
        let fields = try node.fields(["abs", "rel", "decision", "ignore"])
        if let reason = fields["ignore"] {
            let text = try reason.scalar()
            guard !text.isEmpty else { throw reason.fault("say why it is ignored") }
            return .ignore(reason: text)
        }
        if let list = fields["decision"] {
            var thresholds: [Double] = []
            for item in try list.list() { thresholds.append(try number(item)) }
            return .decision(thresholds: thresholds)
        }
        let absolute = try fields["abs"].map { (item) throws(AssayError) in try number(item) }
        let relative = try fields["rel"].map { (item) throws(AssayError) in try number(item) }
        guard absolute != nil || relative != nil else {
            throw node.fault("an empty rule compares nothing")
        }
        guard (absolute ?? 0) >= 0, (relative ?? 0) >= 0 else {
            throw node.fault("a tolerance is not negative")
        }
        return .tolerance(absolute: absolute, relative: relative)
    }

    static func number(_ node: ConfigurationNode) throws(AssayError) -> Double {
        guard let value = Double(try node.scalar()), value.isFinite else {
            throw node.fault("a number is expected here")
        }
        return value
    }

    private static func captures(_ node: ConfigurationNode?) throws(AssayError) -> [String:
        CaptureRequirement]
    {
        var captures: [String: CaptureRequirement] = [:]
        for (name, value) in try node?.entries() ?? [] {
            let fields = try value.fields(["ref", "min_requests", "max_age"])
            if let age = fields["max_age"] {
                throw age.fault(
                    "`max_age` of a capture is not enforced by this version, so it is refused")
            }
            captures[name] = CaptureRequirement(
                ref: try fields.required("ref").text(),
                minimumRequests: try fields["min_requests"].map { (item) throws(AssayError) in
                    try item.wholeNumber()
                })
        }
        return captures
    }

    private static func baselineStage(
        _ node: ConfigurationNode?, stages: [Stage]
    ) throws(AssayError) -> String {
        guard let node else { return stages.last?.name ?? "prod" }
        let text = try node.text()
        guard text.hasPrefix("stage/"), stages.contains(where: { "stage/\($0.name)" == text })
        else {
            throw node.fault(unknown: text, among: stages.map { "stage/\($0.name)" })
        }
        return String(text.dropFirst("stage/".count))
    }

    private static func confidence(_ node: ConfigurationNode?) throws(AssayError) -> Double {
        let fields = try node?.fields(["confidence", "resample"])
        if let resample = fields?["resample"] {
            throw resample.fault("`resample` is not supported by this version: no check resamples")
        }
        guard let value = fields?["confidence"] else { return 0.95 }
        let text = try value.scalar()
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()),
            (50..<100).contains(percent)
        else {
            throw value.fault("`\(text)` is not a confidence, as 95%")
        }
        return percent / 100
    }

    private static func stages(
        _ node: ConfigurationNode, checks: [Check], unenforced: inout [String]
    ) throws(AssayError) -> [Stage] {
        var stages: [Stage] = []
        for item in try node.list() {
            let fields = try item.fields([
                "name", "from", "checks", "undecided", "sample", "evidence_max_age", "soak",
                "approvals", "freeze",
            ])
            let name = try fields.required("name").text()
            for rule in ["soak", "approvals", "freeze"] where fields[rule] != nil {
                unenforced.append("`\(rule)` of stage \(name) is not enforced by this version")
            }
            let from = try fields["from"]?.text()
            if let from, from != "any", !stages.contains(where: { $0.name == from }) {
                throw try fields.required("from").fault(
                    unknown: from, among: ["any"] + stages.map(\.name))
            }
            guard !stages.contains(where: { $0.name == name }) else {
                throw item.fault("a stage named \(name) stands here twice")
            }
            stages.append(
                Stage(
                    name: name, from: from == "any" ? nil : from,
                    checks: try chosenChecks(fields["checks"], checks),
                    undecided: try fields["undecided"].map { (value) throws(AssayError) in
                        try choice(value)
                    },
                    sample: try fields["sample"].map { (value) throws(AssayError) in
                        try sample(value)
                    },
                    evidenceMaximumAge: try fields["evidence_max_age"].map {
                        (value) throws(AssayError) in
                        try days(value)
                    }))
        }
        guard !stages.isEmpty else { throw node.fault("a gate without stages leads nowhere") }
        return stages
    }

    private static func chosenChecks(
        _ node: ConfigurationNode?, _ checks: [Check]
    ) throws(AssayError) -> [String]? {
        guard let node else { return nil }
        guard node.isList else {
            _ = try node.choice(["all"])
            return nil
        }
        var ids: [String] = []
        for item in try node.list() { ids.append(try item.choice(checks.map(\.id))) }
        guard !ids.isEmpty else { throw node.fault("a stage without checks would check nothing") }
        return ids
    }

    private static func sample(_ node: ConfigurationNode) throws(AssayError) -> Int {
        let words = try node.scalar().split(separator: " ")
        guard words.count == 2, words[1] == "requests", let count = Int(words[0]), count > 0 else {
            throw node.fault("a sample is written as `500 requests`")
        }
        return count
    }

    private static func days(_ node: ConfigurationNode) throws(AssayError) -> Int {
        let text = try node.scalar()
        let units: [Character: Int] = ["d": 86_400, "h": 3600, "m": 60]
        guard let last = text.last, let unit = units[last], let count = Int(text.dropLast()),
            count > 0
        else {
            throw node.fault("`\(text)` is not an age, as 7d or 12h")
        }
        return count * unit
    }

    static func choice<Value: RawRepresentable & CaseIterable>(
        _ node: ConfigurationNode
    ) throws(AssayError) -> Value where Value.RawValue == String {
        let text = try node.text()
        guard let value = Value(rawValue: text) else {
            throw node.fault(unknown: text, among: Value.allCases.map(\.rawValue))
        }
        return value
    }
}
