/// Gathers differences that are alike, row by row.
///
/// Two gatherings of disjoint rows merge to what one gathering of all rows gives, whatever the
/// order: counts add, and examples are those with the smallest hashes. Memory grows with the number
/// of groups, not of rows.
public struct DifferenceGroups: Sendable {
    private var groups: [Key: Tally] = [:]

    /// How many examples a group keeps.
    public static let exampleLimit = 5

    /// Starts with nothing.
    public init() {}

    /// Adds the differences of one row. Each group counts an exchange once.
    public mutating func add(_ row: ExchangeOutcome) {
        for (comparison, list) in row.differences where !list.isEmpty {
            var standings: [Key: Standing] = [:]
            for difference in list {
                let path = difference.aggregatePath
                let key = Key(
                    comparison: comparison, route: row.route, path: path, kind: difference.kind)
                let said =
                    comparison == .effect
                    ? row.confirmations[difference.path] ?? row.confirmations[path] : nil
                standings[key, default: Standing()].note(said)
            }
            for (key, standing) in standings {
                groups[key, default: Tally()].add(row, standing: standing)
            }
        }
    }

    /// Adds groups that were gathered elsewhere, from rows that are not among these.
    public mutating func add(_ others: [Evidence.Group]) {
        for group in others {
            let key = Key(
                comparison: group.comparison, route: group.route, path: group.path,
                kind: group.kind)
            groups[key, default: Tally()].add(group)
        }
    }

    /// The groups: by comparison, then by the weight of their kind, then by count.
    public var sorted: [Evidence.Group] {
        groups.map { key, tally in tally.group(key) }.sorted { left, right in
            if left.comparison != right.comparison { return left.comparison < right.comparison }
            if left.kind != right.kind { return left.kind < right.kind }
            if left.count != right.count { return left.count > right.count }
            if left.route != right.route { return left.route < right.route }
            return left.path < right.path
        }
    }

    /// A place in the order by which examples are chosen: FNV-1a of the id, its bits then mixed as
    /// in SplitMix64, so that ids that count upwards are spread.
    public static func rank(of exchange: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in exchange.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}

extension DifferenceGroups {
    fileprivate struct Key: Hashable, Sendable {
        var comparison: ExchangeOutcome.Comparison
        var route: String, path: String
        var kind: Difference.Kind
    }

    /// What confirmation said of one exchange in one group, over all its paths.
    fileprivate struct Standing {
        var confirmed = false, notSent = false, noise = false

        mutating func note(_ confirmation: ExchangeOutcome.Confirmation?) {
            switch confirmation {
            case .confirmed: confirmed = true
            case .notSent, .unsettled: notSent = true
            case .noise: noise = true
            case nil: break
            }
        }
    }

    fileprivate struct Tally: Sendable {
        var count = 0, confirmed = 0, noise = 0, notSent = 0
        var slices: [String: [String: Int]] = [:]
        var examples: [(rank: UInt64, exchange: String)] = []

        mutating func add(_ row: ExchangeOutcome, standing: Standing) {
            count += 1
            if standing.confirmed {
                confirmed += 1
            } else if standing.notSent {
                notSent += 1
            } else if standing.noise {
                noise += 1
            }
            for (field, value) in row.slices { slices[field, default: [:]][value, default: 0] += 1 }
            addExample(row.exchange)
        }

        mutating func add(_ group: Evidence.Group) {
            count += group.count
            confirmed += group.confirmed
            noise += group.noise
            notSent += group.notSent
            for (field, values) in group.slices {
                slices[field, default: [:]].merge(values, uniquingKeysWith: +)
            }
            for example in group.examples { addExample(example) }
        }

        mutating func addExample(_ exchange: String) {
            let new = (rank: DifferenceGroups.rank(of: exchange), exchange: exchange)
            let place = examples.firstIndex { new < $0 } ?? examples.count
            guard place < DifferenceGroups.exampleLimit else { return }
            if place > 0, examples[place - 1] == new { return }
            examples.insert(new, at: place)
            if examples.count > DifferenceGroups.exampleLimit { examples.removeLast() }
        }

        func group(_ key: Key) -> Evidence.Group {
            Evidence.Group(
                comparison: key.comparison, route: key.route, path: key.path, kind: key.kind,
                count: count, confirmed: confirmed, noise: noise, notSent: notSent, slices: slices,
                examples: examples.map(\.exchange))
        }
    }
}
