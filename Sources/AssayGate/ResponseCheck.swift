import AssayCore
import AssayEvidence

/// Kind `response`: the share of requests that the candidate answers otherwise.
enum ResponseCheck {
    static func evaluate(_ draft: inout CheckDraft, evidence: JudgeInput.CaptureEvidence) {
        let reading = DifferenceReading(fields: draft.check.fields, rows: evidence.rows)
        var rows: [RateRow] = []
        var unknown = 0
        var unsent = 0
        var tally: [CheckResult.FieldCount.Key: Int] = [:]
        let comparable = evidence.comparable()
        for row in comparable.rows {
            guard let (sure, possible, counted) = read(row, reading: reading) else {
                unknown += 1
                continue
            }
            for key in counted { tally[key, default: 0] += 1 }
            if possible, row.differences[.effect] != nil { unsent += 1 }
            let noise = row.differences[.noise].map { $0.contains(where: reading.counts) }
            rows.append(
                RateRow(
                    exchange: row.exchange, session: row.session, slices: row.slices,
                    isEvent: sure, mayBeEvent: possible, isNoise: noise))
        }
        guard !rows.isEmpty else {
            let why = comparable.leftOut.map { ": \($0)" } ?? ""
            return draft.settle(.missing, "no answer of the candidate could be compared" + why)
        }
        if let why = comparable.leftOut { draft.details.append(why) }
        let wasConfirmed = evidence.rows.contains { row in
            row.confirmations.values.contains { $0 != .notSent }
        }
        if !wasConfirmed, unsent > 0, !rows.contains(where: \.isEvent) {
            return draft.settle(
                .unusable,
                "\(unsent) of \(rows.count) requests differ, and the replay sent none of them again "
                    + "to confirm it")
        }
        if let places = evidence.evidence.places, !rows.contains(where: \.mayBeEvent),
            !draft.check.fields.isEmpty,
            draft.check.fields.allSatisfy({ places.has($0) == false })
        {
            let fields = draft.check.fields.map { "`\($0)`" }.joined(separator: ", ")
            return draft.settle(
                .missing, "no answer of \(places.exchanges) has \(fields), so nothing was looked at"
            )
        }
        draft.fields = CheckResult.FieldCount.top(tally)
        RateFindings.add(to: &draft, rows: rows, unknown: unknown, verb: "differ")
        draft.details += SliceConcentration.find(in: rows).prefix(3).map(\.sentence)
        let inEvents = Set(rows.filter(\.isEvent).map(\.exchange))
        let kept = evidence.evidence.groups.filter { $0.comparison == .effect }
            .flatMap(\.examples).filter(inEvents.contains)
        let others = rows.lazy.filter(\.isEvent).map(\.exchange)
        draft.examples = Array((kept + others.prefix(10)).uniqued().prefix(5))
    }

    /// Whether the row certainly or possibly differs, and where; `nil` when it says nothing.
    private static func read(
        _ row: ExchangeOutcome, reading: DifferenceReading
    ) -> (sure: Bool, possible: Bool, counted: Set<CheckResult.FieldCount.Key>)? {
        if row.arms.values.contains(where: { $0.unmatchedEgress > 0 }) { return nil }
        if let differences = row.differences[.effect] {
            var sure = false
            var possible = false
            var counted: Set<CheckResult.FieldCount.Key> = []
            for difference in differences where reading.counts(difference) {
                switch reading.standing(of: difference, in: row) {
                case .confirmed: sure = true
                case .unsettled, .notSent: possible = true
                case .noise: continue
                }
                counted.insert(
                    CheckResult.FieldCount.Key(
                        path: difference.aggregatePath, kind: difference.kind.name))
            }
            return (sure, sure || possible, counted)
        }
        // No comparison: a side gave no answer. That differs, unless both gave none.
        guard let candidate = row.arms["candidate"],
            let other = row.arms["baseline"] ?? row.arms["recorded"]
        else { return nil }
        let key = CheckResult.FieldCount.Key(path: "status", kind: Difference.Kind.status.name)
        switch (candidate.failure != nil, other.failure != nil, row.confirmations["status"]) {
        case (false, false, _): return nil
        case (true, true, _), (_, _, .noise?): return (false, false, [])
        case (true, false, _), (_, _, .confirmed?): return (true, true, [key])
        // The baseline alone failed, and nothing says that it always does.
        case (false, true, _): return (false, true, [key])
        }
    }
}

extension CheckResult.FieldCount {
    /// A place and a kind of difference.
    struct Key: Hashable {
        let path: String, kind: String
    }

    /// The five most frequent, then by path.
    static func top(_ tally: [Key: Int]) -> [Self] {
        tally.map { Self(path: $0.key.path, kind: $0.key.kind, count: $0.value) }
            .sorted { ($1.count, $0.path, $0.kind) < ($0.count, $1.path, $1.kind) }
            .prefix(5).map(\.self)
    }
}

extension Sequence where Element: Hashable {
    /// The elements, each once, in their first order.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
