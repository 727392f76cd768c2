import AssayCapture
import AssayCore
import AssayEvidence

/// What one exchange showed: its row, and what belongs to the run.
struct Finding: Sendable {
    var row: ExchangeOutcome
    var tally = ComparisonTally()
    var recorded: ArmAnswer

    /// Whether all answers were compared, nothing differed, and no rule let anything pass.
    var foundNothing: Bool {
        !row.hasDifferences && tally.isEmpty && Standing(of: row) == .compared
    }

    /// Where the exchange goes in the ledger.
    enum Standing: Hashable, Sendable {
        case compared, errored, unmatched

        /// Where the exchange of a row goes.
        init(of row: ExchangeOutcome) {
            self = .compared
            for (arm, outcome) in row.arms where arm != "recorded" {
                if outcome.failure != nil {
                    self = .errored
                    return
                }
                if outcome.unmatchedEgress > 0 { self = .unmatched }
            }
        }
    }

    /// Compares all that is to be compared of an exchange.
    init(_ result: ReplayPass.Result, plan: ReplayPlan, judge: AnswerJudge) {
        let exchange = result.exchange
        recorded = result.job.recorded
        row = ExchangeOutcome(
            exchange: exchange.id, session: exchange.session ?? exchange.id, route: exchange.route,
            slices: exchange.slices)
        row.arms.reserveCapacity(plan.arms.count + 1)
        row.arms["recorded"] = recorded.outcome
        for (role, answer) in result.answers.all { row.arms[role.rawValue] = answer.outcome }
        row.redacted = exchange.redactedInputs
        row.isDependent = row.redacted.contains { plan.redaction?.answersDepend(on: $0) == true }
        row.identity = Self.standing(of: exchange, plan: plan)
        // Nothing is held against an answer that cannot be given here.
        let production = row.isDependent || recorded.message == nil ? nil : recorded
        let baseline = result.answers[.baseline]
        let candidate = result.answers[.candidate]
        compare(.identity, production, baseline, judge)
        for (role, answer) in result.answers.all where role.isRepeat {
            compare(.noise, baseline, answer, judge)
        }
        if baseline == nil {
            compare(.effect, production, candidate, judge)
        } else {
            compare(.effect, baseline, candidate, judge)
            compare(.production, production, candidate, judge)
        }
    }

    private mutating func compare(
        _ comparison: ExchangeOutcome.Comparison, _ old: ArmAnswer?, _ new: ArmAnswer?,
        _ judge: AnswerJudge
    ) {
        guard let old, let new else { return }
        guard let differences = judge.differences(old, new, tally: &tally) else { return }
        // Of several repeats, each place that any of them shows counts once.
        let known = row.differences[comparison] ?? []
        row.differences[comparison] =
            known
            + differences.filter { difference in
                !known.contains { $0.path == difference.path && $0.kind == difference.kind }
            }
    }

    /// Whether the recorded answer came from the bundle that stands for production here: by the
    /// stamp on the exchange, else by what production had at that time.
    private static func standing(
        of exchange: Exchange, plan: ReplayPlan
    ) -> ExchangeOutcome.IdentityStanding {
        guard let answering = exchange.bundle ?? plan.bundle(at: exchange.startedAt) else {
            return .unknownBundle
        }
        let arm = plan.arm(.baseline) ?? plan.arm(.candidate)
        return answering == arm?.bundle ? .sameBundle : .otherBundle
    }
}

extension ExchangeOutcome {
    /// Whether a comparison was made and found something.
    func differs(in comparison: Comparison) -> Bool {
        !(differences[comparison] ?? []).isEmpty
    }

    /// Whether any comparison found something.
    var hasDifferences: Bool { differences.values.contains { !$0.isEmpty } }
}
