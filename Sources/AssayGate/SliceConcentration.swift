import AssayCore
import AssayEvidence
import AssayStatistics

/// A slice in which a difference shows more often than elsewhere.
struct SliceConcentration: Hashable {
    /// The slice, as in `carrier=HA`.
    let slice: String
    /// Sessions in the slice and elsewhere that show the difference, of so many.
    let inside: Int, insideOf: Int, outside: Int, outsideOf: Int
    /// The chance of so many or more if the slice had nothing to do with it, after correction.
    let pAdjusted: Double

    /// The false discovery rate that is accepted among slices.
    static let level = 0.01

    /// In a sentence.
    var sentence: String {
        "concentrates in \(slice): \(inside) of \(insideOf) sessions there, \(outside) of \(outsideOf) "
            + "elsewhere"
    }

    /// Slices in which rows with an event are over-represented, the clearest first.
    ///
    /// The unit is a session in a value of a slice field; an exact test for each value (Fisher,
    /// one-sided), Benjamini and Hochberg over all of them. Values seen in fewer than three such
    /// sessions with the event say nothing. Costs a pass over the rows.
    static func find(in rows: [RateRow]) -> [SliceConcentration] {
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

    private struct Unit: Hashable {
        let session: String, value: String
    }
}
