public import AssayCore

extension ExchangeOutcome {
    /// The row as a JSON object. Members that are empty are left out, but a comparison that was
    /// made and found nothing keeps its empty list.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "exchange": .string(exchange), "session": .string(session), "route": .string(route),
            "identity": .string(identity.rawValue),
        ]
        if !redacted.isEmpty { members["redacted"] = JSONValue(redacted) }
        if isDependent { members["dependent"] = .bool(true) }
        if !slices.isEmpty { members["slices"] = JSONValue(slices) }
        if !arms.isEmpty { members["arms"] = .object(arms.mapValues(\.json)) }
        if !differences.isEmpty {
            var lists: [String: JSONValue] = [:]
            for (comparison, list) in differences {
                lists[comparison.rawValue] = .array(list.map(\.json))
            }
            members["differences"] = .object(lists)
        }
        if !confirmations.isEmpty {
            members["confirmations"] = JSONValue(confirmations.mapValues(\.rawValue))
        }
        return .object(members)
    }

    /// Reads a row; throws `.invalidDocument` with the place of the fault.
    public init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "exchange", "session", "route", "identity", "slices", "arms", "differences",
            "confirmations", "redacted", "dependent",
        ])
        var arms: [String: ArmOutcome] = [:]
        if let members = try reader["arms"].ifPresent?.members() {
            for (name, member) in members { arms[name] = try ArmOutcome(json: member) }
        }
        var differences: [Comparison: [Difference]] = [:]
        if let members = try reader["differences"].ifPresent?.members() {
            for (name, member) in members {
                guard let comparison = Comparison(rawValue: name) else {
                    throw member.mismatch("no comparison of that name")
                }
                var list: [Difference] = []
                for element in try member.elements() { list.append(try Difference(json: element)) }
                differences[comparison] = list
            }
        }
        var confirmations: [String: Confirmation] = [:]
        if let members = try reader["confirmations"].ifPresent?.members() {
            for (path, member) in members {
                confirmations[path] = try member.choice(of: Confirmation.self)
            }
        }
        self.init(
            exchange: try reader["exchange"].string(), session: try reader["session"].string(),
            route: try reader["route"].string(),
            slices: try reader["slices"].ifPresent?.stringMap() ?? [:], arms: arms,
            identity: try reader["identity"].choice(of: IdentityStanding.self),
            differences: differences, confirmations: confirmations)
        redacted = try reader["redacted"].ifPresent?.strings() ?? []
        isDependent = try reader["dependent"].ifPresent?.bool() ?? false
    }
}

extension ExchangeOutcome.ArmOutcome {
    /// The outcome as a JSON object.
    public var json: JSONValue {
        .object(present: [
            "status": status.map { JSONValue($0) },
            "failure": failure.map { .string($0.rawValue) },
            "unmatchedEgress": unmatchedEgress == 0 ? nil : JSONValue(unmatchedEgress),
        ])
    }

    /// Reads an outcome; throws `.invalidDocument` with the place of the fault.
    public init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["status", "failure", "unmatchedEgress"])
        self.init(
            status: try reader["status"].ifPresent?.integer(),
            failure: try reader["failure"].ifPresent?.choice(of: ExchangeOutcome.Failure.self),
            unmatchedEgress: try reader["unmatchedEgress"].ifPresent?.count() ?? 0)
    }
}
