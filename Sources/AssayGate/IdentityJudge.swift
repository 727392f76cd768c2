import AssayCore
import AssayEvidence

/// Does the promoted bundle, run here, give the answers that production gave?
struct IdentityJudge {
    let check: Check
    let input: JudgeInput
    let replay: JudgeInput.Replayed

    func judge(_ result: inout CheckResult) {
        // Without a baseline the candidate's effect is against the recorded answers themselves.
        let comparison: ExchangeOutcome.Comparison = input.baseline == nil ? .effect : .identity
        let same = replay.rows.filter { $0.identity == .sameBundle }
        let rows = same.compactMap { row -> ShareJudge.Row? in
            guard let differences = row.differences[comparison] else { return nil }
            let differs = !differences.isEmpty
            return .init(session: row.session, isCertain: differs, isPossible: differs)
        }
        guard let limit = check.limit, !rows.isEmpty else {
            let others = replay.rows.count - same.count
            result.outcome = .missing
            result.reason =
                "none of the \(replay.rows.count) recorded answers is known to come from this bundle"
                + (others > 0 ? " (\(others) came from another or are not stamped)" : "")
            return
        }
        ShareJudge(confidence: input.policy.confidence).judge(rows, limit: limit, into: &result)
        let groups = replay.evidence.groups.filter { $0.comparison == comparison }
        result.fields =
            FieldTable(groups: groups, total: rows.count, confidence: input.policy.confidence)
            .fields
        result.examples = Array(groups.flatMap(\.examples).prefix(5))
    }
}
