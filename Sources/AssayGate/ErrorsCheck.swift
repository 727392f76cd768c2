import AssayCore
import AssayEvidence
import AssayStatistics

/// Kind `errors`: how often there is no answer, or one of 500 and more.
enum ErrorsCheck {
    private struct Pair {
        let exchange: String, session: String
        let slices: [String: String]
        let baseline: Bool, candidate: Bool
    }

    static func evaluate(_ draft: inout CheckDraft, evidence: JudgeInput.CaptureEvidence) {
        var pairs: [Pair] = []
        var unknown = 0
        let comparable = evidence.comparable()
        for row in comparable.rows {
            let other = row.arms["baseline"] ?? row.arms["recorded"]
            guard let candidate = row.arms["candidate"], let other, candidate.unmatchedEgress == 0,
                other.unmatchedEgress == 0
            else {
                unknown += 1
                continue
            }
            pairs.append(
                Pair(
                    exchange: row.exchange, session: row.session, slices: row.slices,
                    baseline: other.isError, candidate: candidate.isError))
        }
        guard !pairs.isEmpty else {
            let why = comparable.leftOut.map { ": \($0)" } ?? ""
            return draft.settle(.missing, "no exchange was sent to both sides" + why)
        }
        if let why = comparable.leftOut { draft.details.append(why) }
        draft.examples = Array(
            pairs.filter { $0.candidate && !$0.baseline }.map(\.exchange).prefix(5))
        RateFindings.add(
            to: &draft,
            rows: pairs.map {
                RateRow(
                    exchange: $0.exchange, session: $0.session, slices: $0.slices,
                    isEvent: $0.candidate, mayBeEvent: $0.candidate, isNoise: $0.baseline)
            }, unknown: unknown, verb: "fail", limitOf: { $0.direction == .max })
        for limit in draft.check.limits where limit.direction == .maxIncrease {
            draft.findings.append(
                increase(pairs, slice: nil, limit: limit, undecided: draft.check.undecided))
        }
        guard let rule = draft.check.slices else { return }
        for slice in Slices.split(pairs, rule: rule, value: { $0.slices[$1] }) {
            for limit in rule.limits where limit.direction == .maxIncrease {
                draft.findings.append(
                    increase(
                        slice.rows, slice: slice.name, limit: limit, undecided: rule.undecided))
            }
        }
    }

    private static func increase(
        _ pairs: [Pair], slice: String?, limit: Limit, undecided: Check.Consequence
    ) -> FindingDraft {
        var sessions: [String: PairedCounts] = [:]
        for pair in pairs {
            var counts =
                sessions[pair.session] ?? PairedCounts(both: 0, first: 0, second: 0, neither: 0)
            switch (pair.baseline, pair.candidate) {
            case (true, true): counts.both += 1
            case (true, false): counts.first += 1
            case (false, true): counts.second += 1
            case (false, false): counts.neither += 1
            }
            sessions[pair.session] = counts
        }
        let clustered = ClusteredPairs(sessions.keys.sorted().compactMap { sessions[$0] })
        let counts = clustered.counts
        let finding = Finding(
            slice: slice, outcome: .undecided, effect: .none, unit: .points,
            baseline: (counts.both + counts.first) / counts.units,
            candidate: (counts.both + counts.second) / counts.units, delta: counts.difference,
            lower: nil, upper: nil, confidence: nil, direction: limit.direction.rawValue,
            limit: limit.value, limitText: limit.text, requests: pairs.count,
            sessions: clustered.clusters, count: pairs.count { $0.candidate }, noise: nil, p: nil,
            pAdjusted: nil, method: "Newcombe, paired, on the effective size over sessions",
            reason: "more fail", need: nil,
            examples: Array(
                pairs.lazy.filter { $0.candidate && !$0.baseline }.map(\.exchange).prefix(5)))
        var draft = FindingDraft(finding: finding, interval: nil, undecided: undecided)
        draft.designEffect = counts.units / max(1, clustered.effectiveSize)
        draft.interval = { clustered.interval(confidence: $0) }
        return draft
    }
}
