public import AssayCore

extension RedactionRules {
    /// The rules as a JSON array, in their order and with the defaults. Secrets are in it by name only.
    public var json: JSONValue { .array(rules.map(\.json)) }

    /// Reads rules from a JSON array; throws `.invalidDocument` with the place of the fault.
    public init(json reader: JSONReader) throws(AssayError) {
        var rules: [Rule] = []
        for element in try reader.elements() { rules.append(try Rule(json: element)) }
        self.init(only: rules)
    }
}

extension RedactionRules.Rule {
    /// The rule as a JSON object: one member that is the place, `as`, and what a replay is told.
    public var json: JSONValue {
        var members: [String: JSONValue] = ["as": .string(action.rawValue)]
        switch place {
        case .header(let name): members["header"] = .string(name)
        case .query(let name): members["query"] = .string(name)
        case .pointer(let tokens): members["pointer"] = JSONValue(tokens)
        case .unreadableBody: members["body"] = "unreadable"
        }
        if answerDepends { members["answer_depends"] = true }
        if let secret { members["at_replay"] = ["secret": .string(secret)] }
        return .object(members)
    }

    /// Reads a rule; throws `.invalidDocument` unless there is exactly one place.
    public init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "header", "query", "pointer", "body", "as", "answer_depends", "at_replay",
        ])
        guard let action = RedactionRules.Action(rawValue: try reader["as"].string()) else {
            throw reader["as"].mismatch("drop, mask, pseudonym or keep")
        }
        var places: [RedactionRules.Place] = []
        if let name = reader["header"].ifPresent { places.append(.header(try name.string())) }
        if let name = reader["query"].ifPresent { places.append(.query(try name.string())) }
        if let tokens = reader["pointer"].ifPresent {
            places.append(.pointer(try tokens.strings()))
        }
        if let body = reader["body"].ifPresent {
            guard try body.string() == "unreadable" else { throw body.mismatch("unreadable") }
            places.append(.unreadableBody)
        }
        guard let place = places.first, places.count == 1 else {
            throw reader.mismatch("one of header, query, pointer and body")
        }
        self.init(
            place, action, answerDepends: try reader["answer_depends"].ifPresent?.bool() ?? false,
            secret: try reader["at_replay"].ifPresent?["secret"].string())
    }
}
