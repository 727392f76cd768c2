import AssayCapture
import AssayCore
import AssayEvidence

extension ReplayRun {
    /// Serves the arms one after another, so that only one model is in memory at a time, keeps their
    /// answers on disk, and judges them when all have answered; goes on with answers that an earlier
    /// run kept.
    ///
    /// Of a limited time each arm has an equal part. Answers of one arm that the others did not come to
    /// in theirs are kept for the next run.
    func sequentialPass(
        selection: ReplaySelection, filter: ExchangeFilter, judge: AnswerJudge,
        shared: SharedEgress, collector: ReplayCollector, target: Int, draft: inout EvidenceDraft
    ) async throws(AssayError) {
        let answers = AnswerStore(in: directory, of: plan, store: store)
        if let digest = plan.answers {
            try await answers.restore(
                try KeptAnswers.read(digest, store: store), name: "kept answers \(digest.short)")
        }
        let earlier = await answers.kept
        let plan = plan
        let limit = plan.maximumExchanges ?? .max
        for (index, arm) in plan.arms.enumerated() {
            let answered = await answers.answered[arm.role] ?? ExchangeIDs()
            var ahead = JobSource(
                reader: try capture.reader(of: selection.chosen), filter: filter, plan: plan,
                redaction: redaction, limit: limit, answered: answered)
            let left = try ahead.rest()
            // An arm that has answered everything is not started again.
            guard left > 0 else { continue }
            let progress = SequentialProgress(
                arm: arm.role.rawValue, place: index + 1, of: plan.arms.count, total: target,
                answered: target - left, report: progress)
            filter.forget()
            do throws(AssayError) {
                try await send(
                    to: arm, selection: selection, filter: filter, shared: shared, judge: judge,
                    answered: answered, answers: answers, progress: progress)
            } catch {
                throw await error.adding(hint: hint(of: answers))
            }
        }
        let kept = await answers.kept
        for (name, arm) in kept.arms {
            if let role = ArmPlan.Role(rawValue: name) {
                draft.count(arm, of: role, after: earlier.arms[name] ?? KeptAnswers.Arm())
            }
        }
        await collector.sent(for: kept.nanoseconds, after: earlier.nanoseconds)
        filter.forget()
        await collector.begin(total: await collector.restoredCount + target, deadline: nil)
        let jobs = JobSource(
            reader: try capture.reader(of: selection.chosen), filter: filter, plan: plan,
            redaction: redaction)
        try await answers.join(jobs) {
            (results: [ReplayPass.Result]) async throws(AssayError) in
            try await collector.add(
                results.map { result throws(AssayError) in
                    try JudgedExchange(result, plan: plan, judge: judge)
                })
        }
    }

    /// Serves one arm and sends it what it has not answered, and keeps that.
    private func send(
        to arm: ArmPlan, selection: ReplaySelection, filter: ExchangeFilter, shared: SharedEgress,
        judge: AnswerJudge, answered: ExchangeIDs, answers: AnswerStore,
        progress: SequentialProgress
    ) async throws(AssayError) {
        let arms = try await makeArms([arm], shared: shared, suffix: nil)
        @Sendable func counts() async -> KeptAnswers.Arm {
            await KeptAnswers.Arm(of: arms, redaction: redaction, headers: judge.headers)
        }
        let outcome: Result<Void, AssayError>
        do throws(AssayError) {
            let pass = ReplayPass(
                plan: plan, arms: arms, executors: executors, filter: filter,
                redaction: redaction, turnstile: judge.turnstile,
                limit: plan.maximumExchanges ?? .max,
                deadline: plan.maximumTime.map {
                    MonotonicClock.now + $0.nanoseconds / Int64(plan.arms.count)
                }, answered: answered)
            try await pass.run(try capture.reader(of: selection.chosen), pacing: plan.pacing) {
                (results: [ReplayPass.Result]) async throws(AssayError) in
                if try await answers.add(results) {
                    try await answers.keep(arm.role, with: await counts())
                }
                await progress.add(results.count)
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        let last = await counts()
        await endAll(arms)
        try await answers.keep(arm.role, with: last, ended: true)
        try outcome.get()
    }

    /// What is said of the answers that were kept, and how to go on.
    private func hint(of answers: AnswerStore) async -> String? {
        let count = await answers.kept.count
        guard count > 0, plan.answersRef != nil else { return nil }
        let goesOn = plan.continuation.sentence.map { ", and \($0)" } ?? ""
        return "\(count) answers of the arms are kept\(goesOn)"
    }
}

extension AssayError {
    /// The same error with a hint before its own.
    fileprivate func adding(hint more: String?) -> AssayError {
        guard let more else { return self }
        return AssayError(
            code, message, hint: more + (hint.map { "; \($0)" } ?? ""), at: location, cause: cause)
    }
}
