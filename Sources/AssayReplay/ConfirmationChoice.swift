import AssayEvidence

/// Chooses the exchanges that are sent again: of each group of like differences, those with the
/// smallest hashes, up to a budget.
struct ConfirmationChoice: Sendable {
    private let budget: Int
    private var groups: [DifferenceKey: Smallest<RankedExchange>] = [:]
    /// Exchanges in groups that were not kept, because there were too many groups.
    private(set) var groupsLeftOut = false

    /// How many groups are kept; answers with keys of their own can make any number.
    static let groupLimit = 10_000

    init(budget: Int) {
        self.budget = budget
    }

    /// Takes a row.
    mutating func add(_ row: ExchangeOutcome) {
        guard budget > 0, let list = row.differences[.effect], !list.isEmpty else { return }
        for key in Set(list.map { DifferenceKey(route: row.route, difference: $0) }) {
            guard groups[key] != nil || groups.count < Self.groupLimit else {
                groupsLeftOut = true
                continue
            }
            groups[key, default: Smallest(limit: budget)].add(RankedExchange(row.exchange))
        }
    }

    /// The chosen exchanges, smallest hash first.
    var chosen: [String] {
        Set(groups.values.flatMap(\.elements)).sorted().map(\.exchange)
    }
}
