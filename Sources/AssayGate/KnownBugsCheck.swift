import AssayCore
import AssayEvidence

/// Kind `known_bugs`: exchanges that a bad bundle once got wrong, with the right answer recorded.
enum KnownBugsCheck {
    /// A case fails when the candidate gives no answer, or another than the recorded one.
    ///
    /// Every case is looked at: a sample of them is refused.
    static func evaluate(_ draft: inout CheckDraft, evidence: JudgeInput.CaptureEvidence) {
        let capture = evidence.evidence.capture
        let replayed = min(capture.chosen, evidence.evidence.ledger.replayed)
        guard replayed == capture.exchanges else {
            return draft.settle(
                .unusable, "only \(replayed) of \(capture.exchanges) known bugs were replayed")
        }
        var rows: [RateRow] = []
        var tally: [CheckResult.FieldCount.Key: Int] = [:]
        var unknown = 0
        for row in evidence.rows {
            let hasBaseline = row.arms["baseline"] != nil
            let differences = row.differences[hasBaseline ? .production : .effect]
            let candidate = row.arms["candidate"]
            let fails: Bool
            if row.isDependent || (candidate?.unmatchedEgress ?? 0) > 0 {
                unknown += 1
                continue
            } else if let differences {
                let keys = Set(
                    differences.map {
                        CheckResult.FieldCount.Key(path: $0.aggregatePath, kind: $0.kind.name)
                    })
                for key in keys { tally[key, default: 0] += 1 }
                fails = !differences.isEmpty
            } else if candidate?.isError == true {
                fails = true
            } else {
                unknown += 1
                continue
            }
            rows.append(
                RateRow(
                    exchange: row.exchange, session: row.session, slices: row.slices,
                    isEvent: fails, mayBeEvent: fails, isNoise: nil))
        }
        guard !rows.isEmpty || unknown > 0 else {
            return draft.settle(.notApplicable, "no known bugs yet")
        }
        draft.fields = CheckResult.FieldCount.top(tally)
        RateFindings.add(to: &draft, rows: rows, unknown: unknown, verb: "are wrong again")
        if let why = evidence.evidence.redaction?.leftOut(of: evidence.rows) {
            draft.details.append(why)
        }
        draft.examples = Array(rows.filter(\.isEvent).map(\.exchange).prefix(5))
    }
}
