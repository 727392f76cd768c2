import AssayCore

/// Compares two tables by what one pass over each of them found.
struct TableComparison {
    private let old: TableSummary
    private let new: TableSummary

    /// A column counts as moved from this distance on; below it the sketches cannot tell.
    private static let threshold = 0.01

    private struct Move {
        let old: ColumnSummary, new: ColumnSummary
        /// How far apart the shares of its values are, from 0 to 1.
        let distance: Double
    }

    static func difference(_ old: TableSummary, _ new: TableSummary) -> ContentDifference {
        let comparison = TableComparison(old: old, new: new)
        return ContentDifference(
            kind: .table, headline: comparison.headline, lines: comparison.lines,
            document: comparison.document)
    }

    private var before: [String: ColumnSummary] {
        Dictionary(old.columns.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }
    private var after: [String: ColumnSummary] {
        Dictionary(new.columns.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }
    private var added: [ColumnSummary] { new.columns.filter { before[$0.name] == nil } }
    private var removed: [ColumnSummary] { old.columns.filter { after[$0.name] == nil } }
    private var retyped: [(old: ColumnSummary, new: ColumnSummary)] {
        let after = after
        return old.columns.compactMap { column in
            after[column.name].flatMap { $0.type == column.type ? nil : (column, $0) }
        }
    }

    /// The columns whose values moved, the farthest first.
    private var moves: [Move] {
        let after = after
        let moves = old.columns.compactMap { column -> Move? in
            guard let other = after[column.name] else { return nil }
            return Move(old: column, new: other, distance: Self.distance(column, other))
        }
        return moves.filter { $0.distance >= Self.threshold }
            .sorted { ($1.distance, $0.new.name) < ($0.distance, $1.new.name) }
    }

    private static func distance(_ old: ColumnSummary, _ new: ColumnSummary) -> Double {
        let values =
            old.texts == 0 && new.texts == 0
            ? QuantileSketch.distance(old.sketch, new.sketch)
                ?? DistinctCounter.distance(old.distinct, new.distinct)
            : DistinctCounter.distance(old.distinct, new.distinct)
        return max(values ?? 0, abs(old.nullShare - new.nullShare))
    }

    private var isReordered: Bool {
        old.rows == new.rows && old.content == new.content
            && old.columns.map(\.name) == new.columns.map(\.name)
    }

    private var headline: String {
        if isReordered {
            return "\(new.rows.grouped) rows, the same ones; only order or form differ"
        }
        var parts: [String] = []
        if old.rows == new.rows {
            parts.append("\(new.rows.grouped) rows in both")
        } else {
            let share = Double(new.rows - old.rows) / Double(max(old.rows, 1)) * 100
            parts.append(
                "\(old.rows.grouped) → \(new.rows.grouped) rows (\(share >= 0 ? "+" : "")\(share.fixed(1)) %)"
            )
        }
        if !added.isEmpty { parts.append("\(Self.columns(added.count)) added") }
        if !removed.isEmpty { parts.append("\(Self.columns(removed.count)) removed") }
        if !retyped.isEmpty { parts.append("\(Self.columns(retyped.count)) retyped") }
        if let first = moves.first {
            parts.append("\(Self.columns(moves.count)) moved, farthest \(first.new.name)")
        } else {
            parts.append("no column moved by 1 % of its values")
        }
        return parts.joined(separator: ", ")
    }

    private static func columns(_ count: Int) -> String {
        "\(count) \(count == 1 ? "column" : "columns")"
    }

    private var lines: [String] {
        var lines: [String] = []
        if new.ragged > 0 || old.ragged > 0, new.ragged != old.ragged {
            lines.append("rows with a wrong count of fields: \(old.ragged) → \(new.ragged)")
        }
        lines += added.map { "column \($0.name): added, \($0.description)" }
        lines += removed.map { "column \($0.name): removed, was \($0.description)" }
        lines += retyped.map { "column \($0.old.name): \($0.old.type) → \($0.new.type)" }
        lines += moves.map(Self.line)
        let (a, b) = (old.columns.map(\.name), new.columns.map(\.name))
        if added.isEmpty, removed.isEmpty, a != b { lines.append("the order of columns differs") }
        return lines
    }

    private static func line(_ move: Move) -> String {
        var parts: [String] = []
        let (old, new) = (move.old, move.new)
        if old.numbers > 0, new.numbers > 0, let before = old.average, let after = new.average {
            parts.append("mean \(before.brief) → \(after.brief)")
            let shares = [0.05, 0.5, 0.95]
            let (a, b) = (old.sketch.quantiles(shares), new.sketch.quantiles(shares))
            for (index, name) in ["p5", "p50", "p95"].enumerated() where a[index] != b[index] {
                parts.append("\(name) \(a[index].brief) → \(b[index].brief)")
            }
        } else if let shift = largestShift(old.distinct, new.distinct) {
            parts.append(shift)
        }
        if old.nulls != new.nulls {
            parts.append(
                "null \((old.nullShare * 100).fixed(1)) → \((new.nullShare * 100).fixed(1)) %")
        }
        if old.distinct.count != new.distinct.count {
            let about = old.distinct.isExact && new.distinct.isExact ? "" : "about "
            parts.append(
                "distinct \(about)\(old.distinct.count.grouped) → \(new.distinct.count.grouped)")
        }
        return
            "column \(new.name): \((move.distance * 100).fixed(1)) % moved; \(parts.joined(separator: ", "))"
    }

    /// The value whose share changed most.
    private static func largestShift(_ old: DistinctCounter, _ new: DistinctCounter) -> String? {
        guard let a = old.exact, let b = new.exact else { return nil }
        let totalA = Double(max(1, a.values.reduce(0) { $0 + $1.count }))
        let totalB = Double(max(1, b.values.reduce(0) { $0 + $1.count }))
        let shifts = Set(a.keys).union(b.keys).map { key in
            (
                text: a[key]?.text ?? b[key]?.text ?? "", old: Double(a[key]?.count ?? 0) / totalA,
                new: Double(b[key]?.count ?? 0) / totalB
            )
        }
        let largest = shifts.max { left, right in
            (abs(left.new - left.old), right.text) < (abs(right.new - right.old), left.text)
        }
        return largest.map {
            "`\($0.text)` \(($0.old * 100).fixed(1)) → \(($0.new * 100).fixed(1)) % of rows"
        }
    }

    private var document: JSONValue {
        [
            "old": old.json, "new": new.json, "same_rows": .bool(isReordered),
            "added": JSONValue(added.map(\.name)), "removed": JSONValue(removed.map(\.name)),
            "retyped": JSONValue(retyped.map(\.old.name)),
            "moved": .array(
                moves.map { ["name": JSONValue($0.new.name), "distance": .double($0.distance)] }),
        ]
    }
}
