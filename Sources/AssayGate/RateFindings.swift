import AssayCore
import AssayEvidence
import AssayStatistics

/// What one exchange says about a rate.
struct RateRow {
    let exchange: String
    let session: String
    let slices: [String: String]
    /// The event is certain; it is certain or possible; it shows when nothing changed.
    let isEvent: Bool, mayBeEvent: Bool
    let isNoise: Bool?
}

/// Holds shares of exchanges against limits, over all and by slice.
enum RateFindings {
    /// Adds a finding for each limit, over all rows and for each slice. `unknown` rows could not
    /// be compared; a census counts them as possible events.
    static func add(
        to draft: inout CheckDraft, rows: [RateRow], unknown: Int, verb: String,
        limitOf accept: (Limit) -> Bool = { _ in true }
    ) {
        for limit in draft.check.limits where accept(limit) {
            draft.findings.append(
                finding(
                    rows, slice: nil, limit: limit, unknown: unknown, verb: verb,
                    undecided: draft.check.undecided))
        }
        guard let rule = draft.check.slices else { return }
        for slice in Slices.split(rows, rule: rule, value: { $0.slices[$1] }) {
            for limit in rule.limits where accept(limit) {
                draft.findings.append(
                    finding(
                        slice.rows, slice: slice.name, limit: limit, unknown: 0, verb: verb,
                        undecided: rule.undecided))
            }
        }
    }

    private static func finding(
        _ rows: [RateRow], slice: String?, limit: Limit, unknown: Int, verb: String,
        undecided: Check.Consequence
    ) -> FindingDraft {
        let sure = proportion(rows) { $0.isEvent }
        let possible = proportion(rows) { $0.mayBeEvent }
        let noisy = rows.compactMap(\.isNoise)
        let noise = noisy.isEmpty ? nil : Double(noisy.count(where: \.self)) / Double(noisy.count)
        let events = rows.filter(\.isEvent)
        let shown = (events.isEmpty ? rows.filter(\.mayBeEvent) : events).prefix(5)
        let finding = Finding(
            slice: slice, outcome: .undecided, effect: .none,
            unit: limit.unit.isCensus ? .count : .share, baseline: noise, candidate: sure.share,
            delta: limit.unit.isCensus ? Double(sure.events) : sure.share, lower: nil, upper: nil,
            confidence: nil, direction: limit.direction.rawValue, limit: limit.value,
            limitText: limit.text, requests: sure.units, sessions: sure.clusters,
            count: sure.events, noise: noise, p: nil, pAdjusted: nil,
            method: limit.unit.isCensus
                ? "count; rate by Korn-Graubard over sessions" : "Korn-Graubard over sessions",
            reason: verb, need: nil, examples: shown.map(\.exchange))
        var draft = FindingDraft(finding: finding, interval: nil, undecided: undecided)
        draft.designEffect = sure.designEffect
        draft.interval = { confidence in
            Interval(
                lower: sure.interval(confidence: confidence).lower,
                upper: possible.interval(confidence: confidence).upper, confidence: confidence)
        }
        if limit.unit.isCensus {
            draft.isHarm = Double(sure.events) > limit.value
            draft.unknown = possible.events - sure.events + unknown
            draft.isSafe = Double(possible.events + unknown) <= limit.value
        }
        return draft
    }

    /// Counts events by session.
    static func proportion(
        _ rows: [RateRow], where isEvent: (RateRow) -> Bool
    ) -> ClusteredProportion {
        var counts: [String: (events: Int, units: Int)] = [:]
        for row in rows {
            let count = counts[row.session, default: (0, 0)]
            counts[row.session] = (count.events + (isEvent(row) ? 1 : 0), count.units + 1)
        }
        // Sorted, so that sums of floating point numbers come out the same every time.
        return ClusteredProportion(counts.keys.sorted().map { counts[$0] ?? (0, 0) })
    }
}

/// Splits rows into slices; small ones are pooled and named, never dropped.
enum Slices {
    struct Slice<Row> {
        let name: String
        let rows: [Row]
    }

    static func split<Row>(
        _ rows: [Row], rule: Check.SliceRule, value: (Row, String) -> String?
    ) -> [Slice<Row>] {
        var slices: [Slice<Row>] = []
        for field in rule.by {
            var groups: [String: [Row]] = [:]
            for row in rows { groups[value(row, field) ?? "(none)", default: []].append(row) }
            var pooled: [String] = []
            var rest: [Row] = []
            for (name, members) in groups.sorted(by: { $0.key < $1.key }) {
                if members.count >= rule.minimumRequests {
                    slices.append(Slice(name: "\(field)=\(name)", rows: members))
                } else {
                    pooled.append(name)
                    rest += members
                }
            }
            if pooled.count == 1 {
                slices.append(Slice(name: "\(field)=\(pooled[0])", rows: rest))
            } else if !pooled.isEmpty {
                slices.append(
                    Slice(name: "\(field)=(\(Words.list(pooled, limit: 8)))", rows: rest))
            }
        }
        return slices
    }
}
