public import AssayCore
public import AssayEvidence

/// Some of the exchanges of one group, in the order of their ids.
public struct GroupPage: Sendable {
    private let detail: GroupDetail
    private let evidence: Digest
    private let rows: ArraySlice<ExchangeOutcome>
    private let skipped: Int
    private let total: Int

    /// Takes at most `limit` of the group's exchanges, those whose ids follow `after`.
    ///
    /// `rows` are all rows of the evidence, sorted by id. Throws `.notFound` if `after` is not an
    /// exchange of the group. Costs a pass over the rows.
    public init(
        _ detail: GroupDetail, evidence: Digest, rows: [ExchangeOutcome], limit: Int,
        after: String? = nil
    ) throws(AssayError) {
        let all = rows.filter { !detail.group.differences(in: $0).isEmpty }
        var start = 0
        if let after {
            guard let place = all.firstIndex(where: { $0.exchange == after }) else {
                throw AssayError(
                    .notFound, "exchange \(after) is not in group \(detail.number)",
                    hint: "give the last id of a page as `assay show` printed it")
            }
            start = place + 1
        }
        self.detail = detail
        self.evidence = evidence
        self.rows = all[start...].prefix(limit)
        skipped = start
        total = all.count
    }

    /// The id to go on after; `nil` on the last page.
    public var next: String? {
        skipped + rows.count < total ? rows.last?.exchange : nil
    }

    /// The page as a JSON object.
    public var json: JSONValue {
        .object(present: [
            "evidence": JSONValue(evidence), "group": detail.json, "total": JSONValue(total),
            "next": next.map { .string($0) },
            "exchanges": .array(
                rows.map { row in
                    .object(present: [
                        "exchange": .string(row.exchange), "session": .string(row.session),
                        "slices": JSONValue(row.slices),
                        "differences": .array(detail.group.differences(in: row).map(\.json)),
                        "confirmation": detail.group.confirmation(of: row).map {
                            .string($0.rawValue)
                        },
                    ])
                }),
        ])
    }

    /// The page for people: the group, its exchanges, and how to go on.
    public func lines(style: TextStyle = TextStyle()) -> [String] {
        let group = detail.group
        let place =
            "\(group.comparison.rawValue), \(group.route), \(group.path), \(group.kind.name)"
        var lines = Columns.wrap(
            "group \(detail.number) of evidence \(evidence.short): \(SafeText.clean(place))",
            width: style.width, indent: 2)
        var counts = "\(Numbers.grouped(group.count)) exchanges"
        if group.comparison == .effect {
            counts +=
                ": \(Numbers.grouped(group.confirmed)) confirmed, \(Numbers.grouped(group.noise)) "
                + "noise, \(Numbers.grouped(group.notSent)) not sent again"
        }
        lines.append("  \(counts)")
        lines += detail.sentences.flatMap {
            Columns.wrap(SafeText.clean($0), width: style.width, first: 2, indent: 4)
        }
        if let smallest = detail.smallest {
            lines.append("  smallest example: exchange \(SafeText.clean(smallest))")
        }
        lines.append("")
        guard !rows.isEmpty else { return lines + ["no more exchanges"] }
        let header = ["exchange", "session", "slices", "place", "old → new", "confirmation"]
        let cells = rows.map { row in
            [
                row.exchange, row.session, Self.slices(row), self.place(row), change(row),
                group.confirmation(of: row)?.rawValue ?? "",
            ].map(SafeText.clean)
        }
        let table =
            [
                header.enumerated().map { index, name in
                    cells.contains { !$0[index].isEmpty } ? name : ""
                }
            ] + cells
        lines += Columns.align(table, width: style.width, flexible: 4)
        var end = "\(skipped + 1) to \(skipped + rows.count) of \(Numbers.grouped(total))"
        if let next {
            end += ". Next: assay show \(evidence.short) --group \(detail.number) --after \(next)"
        } else if let example = detail.example {
            end += ". Next: assay show \(evidence.short) --exchange \(example)"
        }
        return lines + [SafeText.clean(end)]
    }

    private static func slices(_ row: ExchangeOutcome) -> String {
        row.slices.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: " ")
    }

    /// Where the first difference is, when the group's path leaves the index open.
    private func place(_ row: ExchangeOutcome) -> String {
        guard let first = detail.group.differences(in: row).first, first.path != detail.group.path
        else { return "" }
        return first.path
    }

    private func change(_ row: ExchangeOutcome) -> String {
        let list = detail.group.differences(in: row)
        guard let first = list.first else { return "" }
        let more = list.count > 1 ? " and \(list.count - 1) more" : ""
        return "\(first.old ?? "absent") → \(first.new ?? "absent")\(more)"
    }
}
