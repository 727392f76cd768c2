public import AssayEvidence
public import AssayGate

/// A group of differences with its number in the evidence, and what its rows say of it.
public struct GroupDetail: Hashable, Sendable {
    /// Its place among the groups of the evidence, from 1.
    public let number: Int
    /// The group.
    public let group: Evidence.Group
    /// The slices in which it concentrates, the clearest first.
    public let concentrations: [SliceConcentration]
    /// The example that is the least to read; `nil` if no answers were kept of the group.
    public let smallest: String?

    /// Makes a detail without rows: no slices and no example.
    public init(number: Int, group: Evidence.Group) {
        self.number = number
        self.group = group
        concentrations = []
        smallest = nil
    }

    /// Looks a group up in the rows of its evidence.
    ///
    /// `keptSizes` are the bytes of the answers that were kept, by exchange. The smallest example
    /// is the one that differs at the fewest places, then the one with the fewest bytes. Costs two
    /// passes over the rows.
    public init(
        number: Int, group: Evidence.Group, rows: [ExchangeOutcome], keptSizes: [String: Int]
    ) {
        self.number = number
        self.group = group
        concentrations = SliceConcentration.find(of: group, in: rows)
        smallest =
            rows.lazy.compactMap { row -> (Int, Int, String)? in
                guard let size = keptSizes[row.exchange], !group.differences(in: row).isEmpty else {
                    return nil
                }
                return (row.differences[group.comparison]?.count ?? 0, size, row.exchange)
            }.min { $0 < $1 }?.2
    }

    /// The example to look at: the smallest, else the first that the evidence names.
    var example: String? { smallest ?? group.examples.first }

    /// The slices in which it concentrates, in sentences; at most three.
    var sentences: [String] { concentrations.prefix(3).map(\.sentence) }
}
