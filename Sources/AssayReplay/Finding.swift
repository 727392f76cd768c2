import AssayCapture
import AssayCore
import AssayEvidence

/// What one exchange showed: its row, and what belongs to the run.
struct Finding: Sendable {
    var row: ExchangeOutcome
    var tally = ComparisonTally()
    var recorded: ArmAnswer

    /// Where the exchange goes in the ledger.
    enum Standing: Hashable, Sendable {
        case compared, errored, unmatched
    }

    /// Compares all that is to be compared of an exchange.
    init(_ result: ReplayPass.Result, plan: ReplayPlan, judge: AnswerJudge) {
        let exchange = result.exchange
        recorded = result.job.recorded
        row = ExchangeOutcome(
            exchange: exchange.id, session: exchange.session ?? exchange.id, route: exchange.route,
            slices: exchange.slices)
        row.arms["recorded"] = recorded.outcome
        for (role, answer) in result.answers.all { row.arms[role.rawValue] = answer.outcome }
        row.identity = Self.standing(of: exchange, plan: plan)
        let production = recorded.message == nil ? nil : recorded
        let baseline = result.answers[.baseline]
        let candidate = result.answers[.candidate]
        compare(.identity, production, baseline, judge)
        compare(.noise, baseline, result.answers[.repeat], judge)
        if baseline == nil {
            compare(.effect, production, candidate, judge)
        } else {
            compare(.effect, baseline, candidate, judge)
            compare(.production, production, candidate, judge)
        }
    }

    /// Where the exchange goes in the ledger.
    var standing: Standing {
        let live = row.arms.filter { $0.key != "recorded" }.values
        if live.contains(where: { $0.failure != nil }) { return .errored }
        return live.contains { $0.unmatchedEgress > 0 } ? .unmatched : .compared
    }

    /// Whether a comparison was made and found something.
    func differs(in comparison: ExchangeOutcome.Comparison) -> Bool {
        !(row.differences[comparison] ?? []).isEmpty
    }

    private mutating func compare(
        _ comparison: ExchangeOutcome.Comparison, _ old: ArmAnswer?, _ new: ArmAnswer?,
        _ judge: AnswerJudge
    ) {
        guard let old, let new else { return }
        if let differences = judge.differences(old, new, tally: &tally) {
            row.differences[comparison] = differences
        }
    }

    /// Whether the recorded answer came from the bundle that stands for production here.
    private static func standing(
        of exchange: Exchange, plan: ReplayPlan
    ) -> ExchangeOutcome.IdentityStanding {
        guard let stamp = exchange.bundle else { return .unknownBundle }
        let arm = plan.arm(.baseline) ?? plan.arm(.candidate)
        return stamp == arm?.bundle ? .sameBundle : .otherBundle
    }
}
