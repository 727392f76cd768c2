import AssayCore
import AssayEvidence

/// Kind `identity`: does the bundle that gave the recorded answers give them here?
enum IdentityCheck {
    /// Without a baseline, the candidate is held against the answers that it gave itself.
    static func evaluate(
        _ draft: inout CheckDraft, evidence: JudgeInput.CaptureEvidence, isFirstRun: Bool
    ) {
        let comparison: ExchangeOutcome.Comparison = isFirstRun ? .effect : .identity
        let arm = isFirstRun ? "candidate" : "baseline"
        let own = evidence.rows.filter { $0.identity == .sameBundle }
        let mine = own.filter { !$0.isDependent }
        let leftOut = evidence.evidence.redaction?.leftOut(of: own)
        let others = evidence.rows.count - own.count
        var rows: [RateRow] = []
        var unknown = 0
        var tally: [CheckResult.FieldCount.Key: Int] = [:]
        for row in mine {
            let answer = row.arms[arm]
            if (answer?.unmatchedEgress ?? 0) > 0 {
                unknown += 1
                continue
            }
            let isEvent: Bool
            if let differences = row.differences[comparison] {
                let noisy = Set((row.differences[.noise] ?? []).map(\.path))
                let counted = differences.filter { !noisy.contains($0.path) }
                for key in Set(counted.map { Self.key($0) }) { tally[key, default: 0] += 1 }
                isEvent = !counted.isEmpty
            } else if answer?.failure != nil, row.arms["recorded"]?.failure == nil {
                tally[CheckResult.FieldCount.Key(path: "status", kind: "status"), default: 0] += 1
                isEvent = true
            } else {
                unknown += 1
                continue
            }
            rows.append(
                RateRow(
                    exchange: row.exchange, session: row.session, slices: row.slices,
                    isEvent: isEvent, mayBeEvent: isEvent,
                    isNoise: row.differences[.noise].map { !$0.isEmpty }))
        }
        guard !rows.isEmpty else {
            if !mine.isEmpty {
                return draft.settle(
                    .missing, "the \(arm)'s answers could not be compared with production's")
            }
            if let leftOut {
                let rest =
                    others > 0 ? "; the other \(others) are not known to be this bundle's" : ""
                return draft.settle(.missing, leftOut + rest)
            }
            if isFirstRun {
                return draft.settle(
                    .notApplicable, "first run: no recorded answer is known to be this bundle's")
            }
            return draft.settle(
                .missing,
                others > 0
                    ? "none of \(others) recorded answers is known to be the baseline's"
                    : "no exchange was replayed")
        }
        draft.fields = CheckResult.FieldCount.top(tally)
        RateFindings.add(
            to: &draft, rows: rows, unknown: unknown, verb: "are not answered as in production")
        draft.details += SliceConcentration.find(in: rows).prefix(3).map(\.sentence)
        draft.examples = Array(rows.filter(\.isEvent).map(\.exchange).prefix(5))
        if let leftOut { draft.details.append(leftOut) }
        if others > 0 {
            draft.details.append(
                "\(others) recorded answers are another bundle's, or of "
                    + "an unknown one, and do not count")
        }
    }

    private static func key(_ difference: Difference) -> CheckResult.FieldCount.Key {
        CheckResult.FieldCount.Key(path: difference.aggregatePath, kind: difference.kind.name)
    }
}
