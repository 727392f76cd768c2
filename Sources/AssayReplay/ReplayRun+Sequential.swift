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
        let plan = plan
        let limit = plan.maximumExchanges ?? .max
        for (index, arm) in plan.arms.enumerated() {
            let answered = await answers.answered[arm.role] ?? ExchangeIDs()
            var ahead = JobSource(
                reader: try capture.reader(of: selection.chosen), filter: filter, plan: plan,
                redaction: redaction, limit: limit, answered: answered)
            // An arm that has answered everything is not started again.
            guard try ahead.next() != nil else { continue }
            let progress = SequentialProgress(
                arm: arm.role.rawValue, place: index + 1, of: plan.arms.count, total: target,
                answered: target - (try ahead.rest()) - 1, report: progress)
            filter.forget()
            do throws(AssayError) {
                try await send(
                    to: arm, selection: selection, filter: filter, shared: shared,
                    answered: answered, answers: answers, progress: progress)
            } catch {
                throw await error.adding(hint: hint(of: answers))
            }
        }
        for (name, arm) in await answers.kept.arms {
            if let role = ArmPlan.Role(rawValue: name) { draft.count(arm, of: role) }
        }
        filter.forget()
        await collector.begin(total: await collector.restoredCount + target, deadline: nil)
        let jobs = JobSource(
            reader: try capture.reader(of: selection.chosen), filter: filter, plan: plan,
            redaction: redaction)
        try await answers.join(jobs, plan: plan) {
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
        answered: ExchangeIDs, answers: AnswerStore, progress: SequentialProgress
    ) async throws(AssayError) {
        let arms = try await makeArms([arm], shared: shared, suffix: nil)
        let outcome: Result<Void, AssayError>
        do throws(AssayError) {
            let pass = ReplayPass(
                plan: plan, arms: arms, executors: executors, filter: filter,
                redaction: redaction, limit: plan.maximumExchanges ?? .max,
                deadline: plan.maximumTime.map {
                    MonotonicClock.now + $0.nanoseconds / Int64(plan.arms.count)
                }, answered: answered)
            try await pass.run(try capture.reader(of: selection.chosen), pacing: plan.pacing) {
                (results: [ReplayPass.Result]) async throws(AssayError) in
                try await answers.add(results, of: await KeptAnswers.Arm(of: arms))
                await progress.add(results.count)
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        let counts = await KeptAnswers.Arm(of: arms)
        await endAll(arms)
        try await answers.keep(arm.role.rawValue, with: counts, ended: true)
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

/// Tells how far one of several arms is that are served one after another.
actor SequentialProgress {
    private let place: Int, count: Int, total: Int
    private let report: @Sendable (ReplayProgress) -> Void
    private var progress = ReplayProgress(phase: .replaying)
    private var sent = 0
    private let startedAt = MonotonicClock.now
    private var reportedAt: Int64 = 0

    init(
        arm: String, place: Int, of count: Int, total: Int, answered: Int,
        report: @escaping @Sendable (ReplayProgress) -> Void
    ) {
        self.place = place
        self.count = count
        self.total = total
        self.report = report
        progress.arm = "\(arm) (\(place) of \(count))"
        progress.done = answered
        progress.total = total
    }

    /// Counts answers.
    func add(_ answers: Int) {
        sent += answers
        progress.done += answers
        let now = MonotonicClock.now
        guard now - reportedAt > 200_000_000 || progress.done == total else { return }
        reportedAt = now
        progress.rate = Double(sent) / max(1e-9, Double(now - startedAt) / 1e9)
        // The arms that follow take as long as this one, as far as anybody knows.
        let left = total - progress.done + (count - place) * total
        progress.timeLeft = .seconds(Double(left) / max(progress.rate, 1e-9))
        report(progress)
    }
}

/// Makes exchanges of a capture ready one by one, those that the filter admits.
struct JobSource {
    private var reader: CaptureReader
    private let filter: ExchangeFilter
    private let plan: ReplayPlan
    private let redaction: ReplayRedaction?
    private let limit: Int
    private let answered: ExchangeIDs
    private var number = 0, position = 0, admitted = 0

    /// Starts at the first exchange, and ends after `limit` that the filter admits; those that are
    /// answered count, and are not handed out.
    init(
        reader: CaptureReader, filter: ExchangeFilter, plan: ReplayPlan,
        redaction: ReplayRedaction?, limit: Int = .max, answered: ExchangeIDs = ExchangeIDs()
    ) {
        self.redaction = redaction
        self.reader = reader
        self.filter = filter
        self.plan = plan
        self.limit = limit
        self.answered = answered
    }

    /// The next exchange; `nil` after the last. Throws `.damaged` for what cannot be read.
    mutating func next() throws(AssayError) -> ReplayJob? {
        guard let (exchange, head) = try nextExchange() else { return nil }
        defer { number += 1 }
        return try ReplayJob(
            exchange, head: head, number: number, position: position, plan: plan,
            redaction: redaction)
    }

    /// Counts what is left, which it passes over.
    mutating func rest() throws(AssayError) -> Int {
        var count = 0
        while try nextExchange() != nil { count += 1 }
        return count
    }

    private mutating func nextExchange() throws(AssayError) -> (Exchange, HTTPHead)? {
        while admitted < limit, let exchange = try reader.next() {
            position += 1
            let head = try exchange.requestHead()
            guard filter.admits(exchange, head: head) else { continue }
            admitted += 1
            if !answered.contains(exchange.id) { return (exchange, head) }
        }
        return nil
    }
}
