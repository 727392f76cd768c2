import AssayEvidence

/// Differences of `effect` that are alike: one group of evidence.
struct DifferenceKey: Hashable, Sendable {
    var route: String, path: String
    var kind: Difference.Kind

    init(route: String, difference: Difference) {
        self.route = route
        path = difference.aggregatePath
        kind = difference.kind
    }
}

/// An exchange with its place in the order in which exchanges are chosen.
struct RankedExchange: Hashable, Comparable, Sendable {
    var rank: UInt64
    var exchange: String

    init(_ exchange: String) {
        rank = DifferenceGroups.rank(of: exchange)
        self.exchange = exchange
    }

    static func < (left: RankedExchange, right: RankedExchange) -> Bool {
        left.rank != right.rank ? left.rank < right.rank : left.exchange < right.exchange
    }
}
