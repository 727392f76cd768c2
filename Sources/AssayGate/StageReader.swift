import AssayConfiguration
import AssayCore

/// Reads `stages` and `break_glass`.
enum StageReader {
    static func stages(
        _ node: ConfigurationNode, checks: [Check]
    ) throws(AssayError) -> [Stage] {
        var stages: [Stage] = []
        for element in try node.sequence() {
            let stage = try stage(element, before: stages, checks: checks)
            if stages.contains(where: { $0.name == stage.name }) {
                throw try element.member("name").failure("stage `\(stage.name)` is defined twice")
            }
            stages.append(stage)
        }
        guard !stages.isEmpty else { throw node.failure("a policy needs at least one stage") }
        return stages
    }

    private static func stage(
        _ node: ConfigurationNode, before: [Stage], checks: [Check]
    ) throws(AssayError) -> Stage {
        try node.mapping(allowing: [
            "name", "from", "checks", "undecided", "sample", "evidence_max_age", "soak",
            "approvals", "freeze",
        ])
        let place = try node.member("name")
        let name = try PolicyName.read(place)
        guard name != "any" else {
            throw place.failure(
                "\(place.name) cannot be `any`: in `from`, `any` stands for every stage")
        }
        var from: String?
        if let place = try node.optional("from"), try place.text() != "any" {
            from = try place.choice(of: before.map(\.name) + ["any"])
        }
        var approvals: Stage.Approvals?
        if let place = try node.optional("approvals") {
            try place.mapping(allowing: ["count", "not_author"])
            approvals = Stage.Approvals(
                count: try place.member("count").positive(),
                notAuthor: try place.optional("not_author")?.bool() ?? false)
        }
        var freeze: [FreezeWindow] = []
        for place in try node.optional("freeze")?.oneOrMore() ?? [] {
            guard let window = FreezeWindow(try place.text()) else {
                throw place.failure(
                    "\(place.name) is not a time of the week",
                    hint: "write it as `Fri 16:00/Mon 07:00 Europe/Berlin`")
            }
            freeze.append(window)
        }
        return Stage(
            name: name, from: from,
            checks: try checkNames(try node.optional("checks"), checks: checks, allowsAll: true),
            undecided: try node.optional("undecided")?.value(Check.Consequence.self),
            sample: try sample(try node.optional("sample")),
            evidenceMaximumAge: try node.optional("evidence_max_age")?.duration(),
            soak: try node.optional("soak")?.duration(), approvals: approvals, freeze: freeze,
            line: node.location.line)
    }

    static func breakGlass(
        _ node: ConfigurationNode?, checks: [Check]
    ) throws(AssayError) -> Policy.BreakGlass? {
        guard let node = try node?.mapping(allowing: ["requires", "expires", "never_skips"]) else {
            return nil
        }
        var requires: [String] = []
        for element in try node.optional("requires")?.oneOrMore() ?? [] {
            requires.append(try element.choice(of: ["reason", "ticket"]))
        }
        return Policy.BreakGlass(
            requires: requires, expires: try node.optional("expires")?.duration(),
            neverSkips: try checkNames(
                try node.optional("never_skips"), checks: checks, allowsAll: false) ?? [])
    }

    private static func sample(_ node: ConfigurationNode?) throws(AssayError) -> Int? {
        guard let node else { return nil }
        guard let (value, unit) = Quantity.limit(try node.text()), unit == .requests, value >= 1
        else { throw node.failure("\(node.name) must be a size, as in `500 requests`") }
        return Int(value)
    }

    private static func checkNames(
        _ node: ConfigurationNode?, checks: [Check], allowsAll: Bool
    ) throws(AssayError) -> [String]? {
        guard let node else { return nil }
        if allowsAll, node.isText, try node.text() == "all" { return nil }
        var names: [String] = []
        for element in try node.oneOrMore() {
            names.append(try element.choice(of: checks.map(\.id)))
        }
        guard !names.isEmpty || !allowsAll else {
            throw node.failure("\(node.name) names no check")
        }
        return names
    }
}
