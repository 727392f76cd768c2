import AssayCore
import AssayEvidence

/// Gives the judgement of a candidate: pure, and the same bytes for the same input.
///
/// Costs a few passes over the rows for each check, and a bootstrap for each latency check with
/// `max_increase`. Never throws: what is wrong with evidence is a result.
public func judge(_ input: JudgeInput) -> Judgement {
    var draft = JudgementDraft(input)
    draft.run()
    return draft.finish()
}

/// A judgement while it is made.
struct JudgementDraft {
    let input: JudgeInput
    let changed: Set<String>
    let checks: [Check]
    var results: [CheckDraft] = []

    init(_ input: JudgeInput) {
        self.input = input
        changed = input.baseline == nil ? Set(Component.names) : input.changed
        checks = input.policy.checks(of: input.stage)
    }

    var isFirstRun: Bool { input.baseline == nil }

    mutating func run() {
        for check in checks {
            var draft = CheckDraft(check: check)
            evaluate(&draft)
            results.append(draft)
        }
        Correction.apply(to: &results, confidence: input.policy.statistics.confidence)
    }

    private func evaluate(_ draft: inout CheckDraft) {
        let check = draft.check
        if let condition = check.condition, let reason = condition.failure(changed: changed) {
            return draft.settle(.notApplicable, isFirstRun ? "first run: \(reason)" : reason)
        }
        if check.kind == .environment {
            return EnvironmentCheck.evaluate(&draft, input: input)
        }
        guard let name = check.capture, let rule = input.policy.capture(named: name) else {
            return draft.settle(.missing, "the check names no capture")
        }
        guard let evidence = input.evidence[rule.ref] else {
            if check.kind == .knownBugs, rule.id == nil, input.absentCaptures.contains(rule.ref) {
                return draft.settle(
                    .notApplicable, "no capture `\(rule.ref)` in the store")
            }
            draft.next = ["assay replay \(input.candidate.short) --capture \(rule.ref)"]
            return draft.settle(.missing, "there is no evidence for `\(rule.ref)`")
        }
        draft.evidence = evidence.digest
        if let fault = EvidenceFault.find(in: evidence, rule: rule, input: input) {
            return draft.settle(.unusable, fault)
        }
        let ledger = evidence.evidence.ledger
        if check.kind != .knownBugs, ledger.replayed > 0,
            Double(ledger.unmatched) > rule.maximumUnmatched * Double(ledger.replayed)
        {
            return draft.settle(
                .unmatched,
                "\(ledger.unmatched) of \(ledger.replayed) exchanges asked a dependency what no "
                    + "recording answers; at most \(Words.percent(rule.maximumUnmatched)) may. "
                    + "`assay show \(evidence.digest.short)` names the calls, and `--egress-answers FILE` "
                    + "answers those that are rightly new")
        }
        if let field = check.slices?.by.first(where: { field in
            !evidence.rows.contains { $0.slices[field] != nil }
        }), !evidence.rows.isEmpty {
            let known = Set(evidence.rows.flatMap(\.slices.keys)).sorted()
            return draft.settle(
                .missing,
                "no exchange has the slice field `\(field)`; "
                    + (known.isEmpty
                        ? "the capture has none" : "there are \(known.joined(separator: ", "))"))
        }
        measure(&draft, evidence: evidence)
        draft.shortfall = shortfall(check: check, rule: rule, evidence: evidence)
    }

    private func measure(_ draft: inout CheckDraft, evidence: JudgeInput.CaptureEvidence) {
        let statistics = input.policy.statistics
        switch draft.check.kind {
        case .identity:
            IdentityCheck.evaluate(&draft, evidence: evidence, isFirstRun: isFirstRun)
        case .response:
            ResponseCheck.evaluate(&draft, evidence: evidence)
        case .errors:
            ErrorsCheck.evaluate(&draft, evidence: evidence)
        case .latency:
            LatencyCheck.evaluate(
                &draft, evidence: evidence.evidence, statistics: statistics,
                isFirstRun: isFirstRun)
        case .knownBugs:
            KnownBugsCheck.evaluate(&draft, evidence: evidence)
        case .environment:
            break
        }
    }

    /// Requests that the capture, and the stage's sample of it, should have brought and did not.
    ///
    /// `min_requests` is about the capture; a stage's sample says how much of it is replayed.
    private func shortfall(
        check: Check, rule: Policy.CaptureRule, evidence: JudgeInput.CaptureEvidence
    ) -> CheckDraft.Shortfall? {
        guard check.kind != .knownBugs else { return nil }
        let capture = evidence.evidence.capture
        let have = min(capture.chosen, evidence.evidence.ledger.replayed)
        if let minimum = rule.minimumRequests, capture.exchanges < minimum {
            return CheckDraft.Shortfall(need: minimum, have: capture.exchanges)
        }
        // A capture smaller than the sample is replayed whole.
        let wanted = input.stage.sample.map { min($0, capture.exchanges) } ?? rule.minimumRequests
        guard let wanted, have < wanted else { return nil }
        return CheckDraft.Shortfall(need: wanted, have: have)
    }
}
