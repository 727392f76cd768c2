import AssayConfiguration
import AssayCore
import AssayEvidence

/// What checks do that do not say it themselves.
struct CheckDefaults {
    var severity = Policy.Severity.block
    var undecided = Policy.Undecided.hold
    var missingFails = true
    var isWaivable = true
    var sliceUndecided = Policy.Undecided.warn

    init(_ node: ConfigurationNode?, slices: ConfigurationNode?) throws(AssayError) {
        let fields = try node?.fields(["severity", "undecided", "missing", "waivable"])
        if let value = fields?["severity"] { severity = try Policy.choice(value) }
        if let value = fields?["undecided"] { undecided = try Policy.choice(value) }
        if let value = fields?["missing"] {
            missingFails = try value.choice(["fail", "hold"]) == "fail"
        }
        if let value = fields?["waivable"] { isWaivable = try value.flag() }
        if let value = try slices?.fields(["undecided"])["undecided"] {
            sliceUndecided = try Policy.choice(value)
        }
    }
}

extension Check {
    private static let kinds = [
        "identity", "response", "errors", "latency", "known_bugs", "environment",
    ]
    private static let laterKinds = [
        "distribution", "metric", "custom", "rate", "resources", "skew",
    ]

    init(
        _ node: ConfigurationNode, defaults: CheckDefaults,
        captures: [String: Policy.CaptureRequirement], rules: ComparisonRules
    ) throws(AssayError) {
        let fields = try node.fields([
            "id", "kind", "on", "when", "limit", "fields", "measure", "slices", "between", "rules",
            "severity", "undecided", "missing", "waivable",
        ])
        let id = try fields.required("id").text()
        let kindNode = try fields.required("kind")
        let kindName = try kindNode.text()
        guard !Self.laterKinds.contains(kindName) else {
            throw kindNode.fault("checks of kind `\(kindName)` are not supported by this version")
        }
        let kind = try Self.kind(try kindNode.choice(Self.kinds), fields, rules: rules)
        try Self.checkMembers(of: kind, fields)
        let limit = try fields["limit"].map { (item) throws(AssayError) in try Limit(item, of: kind)
        }
        if limit == nil, kind.name != "environment" { throw node.fault("check \(id) has no limit") }
        self.init(
            id: id, kind: kind, line: node.location.line,
            capture: try Self.capture(fields["on"], captures, of: node, kind: kind),
            condition: try fields["when"].map { (item) throws(AssayError) in
                try Self.condition(item)
            },
            limit: limit,
            slices: try fields["slices"].map { (item) throws(AssayError) in
                try Self.slices(item, of: kind)
            },
            severity: try fields["severity"].map { (item) throws(AssayError) in
                try Policy.choice(item)
            }
                ?? defaults.severity,
            undecided: try fields["undecided"].map { (item) throws(AssayError) in
                try Policy.choice(item)
            }
                ?? defaults.undecided,
            sliceUndecided: defaults.sliceUndecided,
            missingFails: try fields["missing"].map { (item) throws(AssayError) in
                try item.choice(["fail", "hold"]) == "fail"
            } ?? defaults.missingFails,
            isWaivable: try fields["waivable"].map { (item) throws(AssayError) in try item.flag() }
                ?? defaults.isWaivable)
    }

    private static func kind(
        _ name: String, _ fields: ConfigurationNode.Fields, rules: ComparisonRules
    ) throws(AssayError) -> Kind {
        switch name {
        case "identity": return .identity
        case "errors": return .errors
        case "known_bugs": return .knownBugs
        case "latency":
            let measure = try fields.required("measure")
            let names = ["p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99]
            guard let quantile = names[try measure.choice(names.keys.sorted())] else {
                return .errors
            }
            return .latency(quantile: quantile)
        case "environment":
            try checkSides(try fields.required("between"))
            var environmentRules: [EnvironmentRule] = []
            for item in try fields.required("rules").list() {
                let rule = try item.fields(["key", "level"])
                environmentRules.append(
                    EnvironmentRule(
                        key: try rule.required("key").scalar(),
                        level: try Policy.choice(try rule.required("level"))))
            }
            return .environment(rules: environmentRules)
        default:
            var pointers: [String] = []
            for (pointer, value) in try fields["fields"]?.entries() ?? [] {
                guard JSONPointer.tokens(pointer) != nil else {
                    throw value.fault("`\(pointer)` is not a JSON Pointer, as /score")
                }
                let measure = try Policy.measure(value)
                let compared = rules.rules.last { $0.pointer == pointer }?.measure ?? .exact
                guard measure == compared else {
                    throw value.fault(
                        "`compare` compares \(pointer) in another way; a check cannot change it")
                }
                pointers.append(pointer)
            }
            return .response(fields: pointers)
        }
    }

    private static func checkSides(_ node: ConfigurationNode) throws(AssayError) {
        var sides: [String] = []
        for item in try node.list() { sides.append(try item.text()) }
        guard sides.count == 2, sides[0] == "candidate", sides[1].hasPrefix("stage/") else {
            throw node.fault("this version compares [candidate, stage/NAME] only")
        }
    }

    /// Members that belong to one kind are refused for the others.
    private static func checkMembers(
        of kind: Kind, _ fields: ConfigurationNode.Fields
    ) throws(AssayError) {
        let owners = [
            "fields": ["response"], "measure": ["latency"], "between": ["environment"],
            "rules": ["environment"], "slices": ["response"],
            "limit": ["identity", "response", "errors", "latency", "known_bugs"],
            "on": ["identity", "response", "errors", "latency", "known_bugs"],
        ]
        for (name, kinds) in owners.sorted(by: { $0.key < $1.key }) where !kinds.contains(kind.name)
        {
            if let node = fields[name] {
                throw node.fault("a check of kind `\(kind.name)` has no `\(name)`")
            }
        }
    }

    private static func capture(
        _ node: ConfigurationNode?, _ captures: [String: Policy.CaptureRequirement],
        of check: ConfigurationNode, kind: Kind
    ) throws(AssayError) -> String? {
        guard let node else {
            if kind.name == "environment" { return nil }
            throw check.fault("the check does not say `on` which capture it runs")
        }
        return try node.choice(captures.keys.sorted())
    }

    private static func condition(_ node: ConfigurationNode) throws(AssayError) -> Condition {
        let fields = try node.fields(["unchanged", "changed"])
        func names(_ list: ConfigurationNode) throws(AssayError) -> [String] {
            var names: [String] = []
            for item in try list.list() { names.append(try item.choice(Policy.components)) }
            guard !names.isEmpty else { throw list.fault("name at least one component") }
            return names
        }
        switch (fields["unchanged"], fields["changed"]) {
        case (let list?, nil): return .unchanged(try names(list))
        case (nil, let list?): return .changed(try names(list))
        default: throw node.fault("`when` takes one of `unchanged` and `changed`")
        }
    }

    private static func slices(_ node: ConfigurationNode, of kind: Kind) throws(AssayError)
        -> Slices
    {
        let fields = try node.fields(["by", "limit"])
        var names: [String] = []
        for item in try fields.required("by").list() { names.append(try item.text()) }
        return Slices(fields: names, limit: try Limit(try fields.required("limit"), of: kind))
    }
}

extension Limit {
    /// Reads a limit: the direction is in its key, and the unit is part of the value.
    init(_ node: ConfigurationNode, of kind: Check.Kind) throws(AssayError) {
        let fields = try node.fields(["max", "max_increase"])
        let both = (fields["max"], fields["max_increase"])
        switch both {
        case (let value?, nil): self = try Self.maximum(value, of: kind)
        case (nil, let value?): self = try Self.increase(value, of: kind)
        default: throw node.fault("a limit has one of `max` and `max_increase`")
        }
    }

    private static func maximum(_ node: ConfigurationNode, of kind: Check.Kind) throws(AssayError)
        -> Limit
    {
        let text = try node.scalar()
        let words = text.split(separator: " ")
        if words.count == 2, let count = Int(words[0]), count >= 0,
            ["requests", "cases"].contains(words[1]),
            ["identity", "response", "known_bugs"].contains(kind.name)
        {
            return .census(count, unit: String(words[1]))
        }
        if text.hasSuffix("ms"), kind.name == "latency", let value = Double(text.dropLast(2)),
            value > 0
        {
            return .duration(Int64(value * 1e6))
        }
        if text.hasSuffix("%"), ["identity", "response", "errors"].contains(kind.name),
            let percent = Double(text.dropLast()), (0...100).contains(percent)
        {
            return .share(percent / 100)
        }
        throw node.fault(
            "`\(text)` is not a maximum for a check of kind `\(kind.name)`",
            hint: "write a unit: 2%, 0 requests, 0 cases or 80ms, as the kind has it")
    }

    private static func increase(_ node: ConfigurationNode, of kind: Check.Kind) throws(AssayError)
        -> Limit
    {
        let text = try node.scalar()
        if text.hasSuffix("pp"), kind.name == "errors", let points = Double(text.dropLast(2)),
            points >= 0
        {
            return .shareIncrease(points / 100)
        }
        if text.hasSuffix("%"), kind.name == "latency", let percent = Double(text.dropLast()),
            percent >= 0
        {
            return .relativeIncrease(percent / 100)
        }
        throw node.fault(
            "`\(text)` is not an increase for a check of kind `\(kind.name)`",
            hint: "errors take 0.5pp, latency takes 10%")
    }
}
