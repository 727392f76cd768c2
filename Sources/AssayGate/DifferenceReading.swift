import AssayEvidence

/// Reads rows for the differences that count.
struct DifferenceReading {
    /// Pointers that count; empty for all.
    let fields: [String]
    /// Groups whose sent sample was large and wholly confirmed: the rest counts as confirmed.
    private let confirmedGroups: Set<GroupKey>

    /// How many of a group must have been sent again before the rest is taken as confirmed.
    static let largeSample = 30

    private struct GroupKey: Hashable {
        let route: String, path: String
        let kind: Difference.Kind
    }

    init(fields: [String], rows: [ExchangeOutcome]) {
        self.fields = fields
        var confirmed: [GroupKey: Int] = [:]
        var noisy: Set<GroupKey> = []
        for row in rows {
            for difference in row.differences[.effect] ?? [] {
                let key = GroupKey(
                    route: row.route, path: difference.aggregatePath, kind: difference.kind)
                switch Self.confirmation(of: difference, in: row) {
                case .confirmed: confirmed[key, default: 0] += 1
                case .noise: noisy.insert(key)
                case .unsettled, .notSent: break
                }
            }
        }
        confirmedGroups = Set(
            confirmed.filter { $0.value >= Self.largeSample && !noisy.contains($0.key) }.keys)
    }

    /// What is known of a difference of `effect` at its path, or its aggregate.
    static func confirmation(
        of difference: Difference, in row: ExchangeOutcome
    ) -> ExchangeOutcome.Confirmation {
        row.confirmations[difference.path] ?? row.confirmations[difference.aggregatePath]
            ?? .notSent
    }

    /// Whether a difference counts under `fields`. A difference of status, or of a body without
    /// places, touches every field.
    func counts(_ difference: Difference) -> Bool {
        if fields.isEmpty { return true }
        if difference.kind == .status || difference.path == "status" || difference.path == "body" {
            return true
        }
        return fields.contains { Pointers.touches($0, difference.path) }
    }

    /// Whether a difference of `effect` was made by the change, may have been, or was not.
    func standing(
        of difference: Difference, in row: ExchangeOutcome
    ) -> ExchangeOutcome.Confirmation {
        let confirmation = Self.confirmation(of: difference, in: row)
        // What was sent and did not settle stays open, whatever its group shows.
        guard confirmation == .notSent else { return confirmation }
        let key = GroupKey(
            route: row.route, path: difference.aggregatePath, kind: difference.kind)
        return confirmedGroups.contains(key) ? .confirmed : .notSent
    }
}
