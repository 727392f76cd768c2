public import AssayEvidence
import AssayStatistics

/// A slice in which a difference shows more often than elsewhere.
public struct SliceConcentration: Hashable, Sendable {
    /// The slice, as in `carrier=HA`.
    public let slice: String
    /// Sessions in the slice and elsewhere that show the difference, of so many.
    public let inside: Int, insideOf: Int, outside: Int, outsideOf: Int
    /// The chance of so many or more if the slice had nothing to do with it, after correction.
    public let pAdjusted: Double

    /// The false discovery rate that is accepted among slices.
    public static let level = 0.01

    /// In a sentence.
    public var sentence: String {
        "concentrates in \(slice): \(inside) of \(insideOf) sessions there, \(outside) of \(outsideOf) "
            + "elsewhere"
    }

    /// Slices in which the differences of a group are over-represented, among the rows of its
    /// route for which its comparison was made. A difference that confirmation found to be noise
    /// is none. Costs a pass over the rows; method and thresholds are those of the checks.
    public static func find(
        of group: Evidence.Group, in rows: [ExchangeOutcome]
    ) -> [SliceConcentration] {
        find(
            in: rows.lazy.filter { row in
                row.route == group.route && row.differences[group.comparison] != nil
            }.map { row in
                let isEvent =
                    !group.differences(in: row).isEmpty && group.confirmation(of: row) != .noise
                return Sighting(session: row.session, slices: row.slices, isEvent: isEvent)
            })
    }

    /// Slices in which rows of a check with an event are over-represented, the clearest first.
    static func find(in rows: [RateRow]) -> [SliceConcentration] {
        find(
            in: rows.lazy.map {
                Sighting(session: $0.session, slices: $0.slices, isEvent: $0.isEvent)
            })
    }

    /// Slices in which exchanges with an event are over-represented, the clearest first.
    ///
    /// The unit is a session in a value of a slice field; an exact test for each value (Fisher,
    /// one-sided), Benjamini and Hochberg over all of them. Values seen in fewer than three such
    /// sessions with the event say nothing. Costs a pass over the rows.
    private static func find(
        in rows: some Sequence<Sighting>
    ) -> [SliceConcentration] {
        var fields: [String: [Unit: Bool]] = [:]
        for row in rows {
            for (field, value) in row.slices {
                let unit = Unit(session: row.session, value: value)
                let before = fields[field]?[unit] ?? false
                fields[field, default: [:]][unit] = before || row.isEvent
            }
        }
        var found: [SliceConcentration] = []
        for (field, units) in fields.sorted(by: { $0.key < $1.key }) {
            let drawn = units.values.count(where: \.self)
            guard drawn > 0, drawn < units.count else { continue }
            var counts: [String: (events: Int, all: Int)] = [:]
            for (unit, isEvent) in units {
                let count = counts[unit.value, default: (0, 0)]
                counts[unit.value] = (count.events + (isEvent ? 1 : 0), count.all + 1)
            }
            for (value, count) in counts.sorted(by: { $0.key < $1.key }) where count.events >= 3 {
                let p = Hypergeometric.upperTail(
                    seen: count.events, marked: count.all, drawn: drawn, population: units.count)
                found.append(
                    SliceConcentration(
                        slice: "\(field)=\(value)", inside: count.events, insideOf: count.all,
                        outside: drawn - count.events, outsideOf: units.count - count.all,
                        pAdjusted: p))
            }
        }
        let adjusted = Multiplicity.benjaminiHochberg(found.map(\.pAdjusted))
        return zip(found, adjusted).filter { $0.1 <= level }.map { one, p in
            SliceConcentration(
                slice: one.slice, inside: one.inside, insideOf: one.insideOf,
                outside: one.outside, outsideOf: one.outsideOf, pAdjusted: p)
        }.sorted { ($0.pAdjusted, $0.slice) < ($1.pAdjusted, $1.slice) }
    }

    /// What one exchange says of the event.
    private struct Sighting {
        let session: String, slices: [String: String], isEvent: Bool
    }

    private struct Unit: Hashable {
        let session: String, value: String
    }
}
