import AssayCapture
import AssayCore
import AssayEvidence

extension ReplayRun {
    /// Sends differing exchanges again to fresh processes of both arms, and judges what they say.
    func confirm(
        _ collector: ReplayCollector, shared: SharedEgress, judge: AnswerJudge,
        draft: inout EvidenceDraft
    ) async throws(AssayError) -> [String: [String: ExchangeOutcome.Confirmation]] {
        let choice = await collector.choice
        let chosen = Set(choice.chosen)
        if choice.groupsLeftOut {
            draft.notes.append(
                "more than \(ConfirmationChoice.groupLimit) groups of differences: those beyond "
                    + "were not sent again")
        }
        guard !chosen.isEmpty, plan.confirmation.processes > 0 else { return [:] }
        let baseline = plan.arm(.baseline)
        if let running = [baseline, plan.arm(.candidate)].compactMap({ $0?.address }).first {
            draft.notes.append(
                "differences were not sent again: \(running.url) runs already, and no fresh process "
                    + "of it can be started here")
            return [:]
        }
        let answers = ConfirmationAnswers()
        if baseline == nil { try await addRecorded(chosen, to: answers) }
        try await send(
            chosen, rounds: 1...plan.confirmation.processes, shared: shared, judge: judge,
            to: answers)
        let first = try await judged(answers, collector: collector, judge: judge, draft: &draft)
        guard !first.unsettled.isEmpty else { return first.confirmations }
        // As many processes again for the few that are still open.
        let more = plan.confirmation.processes + 1...2 * plan.confirmation.processes
        try await send(first.unsettled, rounds: more, shared: shared, judge: judge, to: answers)
        let second = try await judged(answers, collector: collector, judge: judge, draft: &draft)
        if !second.unsettled.isEmpty {
            draft.notes.append(
                "\(second.unsettled.count) differing exchanges did not settle on "
                    + "\(more.upperBound) fresh processes of each arm; --confirm takes more")
        }
        return second.confirmations
    }

    /// Sends exchanges to a fresh process of each arm in each round.
    private func send(
        _ chosen: Set<String>, rounds: ClosedRange<Int>, shared: SharedEgress, judge: AnswerJudge,
        to answers: ConfirmationAnswers
    ) async throws(AssayError) {
        let baseline = plan.arm(.baseline)
        guard let candidate = plan.arm(.candidate) else { return }
        for round in rounds {
            progress(
                ReplayProgress(
                    phase: .confirming, done: (round - rounds.lowerBound) * chosen.count,
                    total: rounds.count * chosen.count))
            let both = [baseline, candidate].compactMap { $0 }
            let turns = plan.arrangement == .interleaved ? [both] : both.map { [$0] }
            for plans in turns {
                try await send(
                    plans, round: round, chosen: chosen, shared: shared, judge: judge,
                    answers: answers)
            }
        }
    }

    /// Sends the chosen exchanges to one fresh process of each of these arms.
    private func send(
        _ plans: [ArmPlan], round: Int, chosen: Set<String>, shared: SharedEgress,
        judge: AnswerJudge, answers: ConfirmationAnswers
    ) async throws(AssayError) {
        let arms = try await makeArms(plans, shared: shared, suffix: round)
        let outcome: Result<Void, AssayError>
        do throws(AssayError) {
            let pass = ReplayPass(
                plan: plan, arms: arms, executors: executors, redaction: redaction,
                turnstile: judge.turnstile)
            try await pass.run(try capture.reader(of: chosen), pacing: .max) {
                (results: [ReplayPass.Result]) async throws(AssayError) in
                for result in results {
                    for (role, answer) in result.answers.all {
                        await answers.add(
                            answer, of: result.exchange, isOld: role == .baseline)
                    }
                }
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await endAll(arms)
        try outcome.get()
    }

    private func addRecorded(
        _ chosen: Set<String>, to answers: ConfirmationAnswers
    ) async throws(AssayError) {
        var reader = try capture.reader(of: chosen)
        while let exchange = try reader.next() {
            let head = try exchange.requestHead()
            let job = try ReplayJob(
                exchange, head: head, number: 0, position: 0, plan: plan, redaction: redaction)
            await answers.add(job.recorded, of: exchange, isOld: true)
        }
    }

    private func judged(
        _ answers: ConfirmationAnswers, collector: ReplayCollector, judge: AnswerJudge,
        draft: inout EvidenceDraft
    ) async throws(AssayError) -> ConfirmationJudge.Outcome {
        let givenUp = await answers.givenUp.count
        let note =
            "\(givenUp) differing exchanges were not judged again: their answers do not fit "
            + "into \(ByteCount(ConfirmationAnswers.byteLimit))"
        if givenUp > 0, !draft.notes.contains(note) { draft.notes.append(note) }
        let sides = await answers.sides
        let subjects = try await collector.subjects(sides)
        return ConfirmationJudge(judge: judge).confirm(subjects)
    }
}

extension ReplayCollector {
    /// The rows of exchanges that were sent again, with what their fresh processes answered.
    fileprivate func subjects(
        _ sides: [String: ConfirmationAnswers.Sides]
    ) throws(AssayError) -> [ConfirmationJudge.Subject] {
        var subjects: [ConfirmationJudge.Subject] = []
        try merge { (record: OutcomeSpill.Record) throws(AssayError) in
            guard record.differs, let own = sides[record.exchange] else { return }
            let row = try ExchangeOutcome.parse(
                row: record.row, name: "the row of exchange \(record.exchange)")
            subjects.append(
                ConfirmationJudge.Subject(
                    exchange: row.exchange, route: row.route,
                    differences: row.differences[.effect] ?? [], sides: own))
        }
        return subjects
    }
}
