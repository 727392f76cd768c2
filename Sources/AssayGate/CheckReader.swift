import AssayConfiguration
import AssayCore
import AssayEvidence

/// Reads `checks`: one closed grammar for each kind.
struct CheckReader {
    let captures: [Policy.CaptureRule]
    let baseline: Policy.Baseline
    let rules: ComparisonRules
    let defaults: CheckDefaults

    /// Kinds of the grammar that this version does not have.
    private static let laterKinds = [
        "distribution", "metric", "custom", "rate", "resources", "skew",
    ]

    func checks(_ node: ConfigurationNode) throws(AssayError) -> [Check] {
        var checks: [Check] = []
        for element in try node.sequence() {
            let check = try check(element)
            if let first = checks.first(where: { $0.id == check.id }) {
                throw try element.member("id").failure(
                    "check `\(check.id)` is defined twice; first in line \(first.line)")
            }
            checks.append(check)
        }
        guard !checks.isEmpty else { throw node.failure("a policy needs at least one check") }
        return checks
    }

    private func check(_ node: ConfigurationNode) throws(AssayError) -> Check {
        let id = try node.member("id")
        let kindNode = try node.member("kind")
        let kindName = try kindNode.text()
        if Self.laterKinds.contains(kindName) { throw kindNode.unsupported("kind `\(kindName)`") }
        let kind = try kindNode.value(Check.Kind.self)
        try node.mapping(allowing: Self.keys(of: kind))
        let name = try PolicyName.read(id)
        var check = Check(
            id: name, kind: kind, line: node.location.line, capture: nil,
            condition: try condition(try node.optional("when")), fields: [], quantile: nil,
            limits: [], slices: nil, environment: [],
            severity: try node.optional("severity")?.value(Check.Severity.self)
                ?? defaults.severity,
            undecided: try node.optional("undecided")?.value(Check.Consequence.self)
                ?? defaults.undecided,
            missing: try node.optional("missing")?.value(Check.Consequence.self)
                ?? defaults.missing,
            waivable: try node.optional("waivable")?.bool() ?? defaults.waivable)
        if kind == .environment {
            try readBetween(try node.optional("between"))
            check.environment = try EnvironmentReader.rules(try node.member("rules"))
            return check
        }
        check.capture = try captureName(try node.member("on"))
        check.limits = try LimitReader.limits(try node.member("limit"), kind: kind)
        if let fields = try node.optional("fields") { check.fields = try self.fields(fields) }
        if kind == .latency {
            check.quantile = try node.member("measure").value(Check.Quantile.self)
        }
        if let slices = try node.optional("slices") {
            check.slices = try sliceRule(slices, check: check)
        }
        return check
    }

    private static func keys(of kind: Check.Kind) -> Set<String> {
        let common: Set = ["id", "kind", "when", "severity", "undecided", "missing", "waivable"]
        return switch kind {
        case .identity: common.union(["on", "limit", "slices"])
        case .response: common.union(["on", "limit", "fields", "slices"])
        case .errors: common.union(["on", "limit", "slices"])
        case .latency: common.union(["on", "limit", "measure"])
        case .knownBugs: common.union(["on", "limit"])
        case .environment: common.union(["between", "rules"])
        }
    }

    private func captureName(_ node: ConfigurationNode) throws(AssayError) -> String {
        let name = try node.text()
        if captures.contains(where: { $0.name == name }) { return name }
        let names = captures.map(\.name)
        let nearest = Suggestion.nearest(to: name, among: names)
        throw node.failure(
            "\(node.name) names `\(name)`, which is not in `captures`",
            hint: nearest.map { "did you mean `\($0)`?" }
                ?? "captures: \(names.joined(separator: ", "))")
    }

    private func condition(
        _ node: ConfigurationNode?
    ) throws(AssayError) -> Check.Condition? {
        guard let node = try node?.mapping(allowing: ["unchanged", "changed"]) else { return nil }
        func components(_ key: String) throws(AssayError) -> [String] {
            var names: [String] = []
            for element in try node.optional(key)?.oneOrMore() ?? [] {
                names.append(try element.choice(of: Component.names))
            }
            return names
        }
        let condition = Check.Condition(
            unchanged: try components("unchanged"), changed: try components("changed"))
        guard !condition.unchanged.isEmpty || !condition.changed.isEmpty else {
            throw node.failure("\(node.name) names no component")
        }
        if let both = condition.changed.first(where: condition.unchanged.contains) {
            throw node.failure(
                "\(node.name) asks for `\(both)` unchanged and changed at once, so the check would "
                    + "never apply")
        }
        return condition
    }

    /// Fields select places; how these are compared was settled by `compare` when the evidence
    /// was made, so a measure here may only repeat it.
    private func fields(_ node: ConfigurationNode) throws(AssayError) -> [String] {
        var pointers: [String] = []
        if node.isMapping {
            for entry in try node.entries() {
                try ComparisonReader.checkPointer(entry)
                let measure = try ComparisonReader.measure(entry.value)
                let last = rules.rules.last {
                    $0.pointer == "body" || Pointers.covers($0.pointer, entry.key)
                }
                guard measure == last?.measure ?? .exact else {
                    throw entry.value.failure(
                        "\(entry.value.name) is compared in another way than `compare` says",
                        hint: "set the measure of `\(entry.key)` under `compare`")
                }
                pointers.append(entry.key)
            }
        } else {
            for element in try node.oneOrMore() {
                let pointer = try element.text()
                guard JSONPointer.tokens(pointer) != nil else {
                    throw element.failure("`\(pointer)` is not a JSON Pointer")
                }
                pointers.append(pointer)
            }
        }
        guard !pointers.isEmpty else { throw node.failure("\(node.name) names no field") }
        return pointers
    }

    private func readBetween(_ node: ConfigurationNode?) throws(AssayError) {
        guard let node else { return }
        let sides = try node.texts()
        let other = sides.first { $0 != "candidate" }
        guard sides.count == 2, sides.contains("candidate"), let other,
            other == "baseline" || other == baseline.resolve
        else {
            throw node.unsupported("a comparison other than of `candidate` with the baseline")
        }
    }

    private func sliceRule(
        _ node: ConfigurationNode, check: Check
    ) throws(AssayError) -> Check.SliceRule {
        try node.mapping(allowing: ["by", "limit", "undecided", "min_requests"])
        let by = try node.member("by")
        let names = try by.texts()
        guard !names.isEmpty, Set(names).count == names.count else {
            throw by.failure("\(by.name) must name slice fields, each once")
        }
        var limits = check.limits
        if let limit = try node.optional("limit") {
            limits = try LimitReader.limits(limit, kind: check.kind)
        }
        return Check.SliceRule(
            by: names, limits: limits,
            undecided: try node.optional("undecided")?.value(Check.Consequence.self)
                ?? defaults.sliceUndecided,
            minimumRequests: try node.optional("min_requests")?.positive() ?? defaults.sliceMinimum)
    }
}
