import AssayCapture
import AssayCore
import AssayEvidence

extension ReplayRun {
    /// Serves the arms one after another, so that only one model is in memory at a time, keeps their
    /// answers on disk, and judges them when all have answered.
    func sequentialPass(
        selection: ReplaySelection, filter: ExchangeFilter, judge: AnswerJudge,
        shared: [EgressAsk: [UInt8]], collector: ReplayCollector, draft: inout EvidenceDraft
    ) async throws(AssayError) {
        let store = AnswerStore(in: directory)
        for arm in plan.arms {
            filter.forget()
            let arms = try await makeArms([arm], shared: shared, suffix: nil)
            let outcome: Result<Void, AssayError>
            do throws(AssayError) {
                let pass = ReplayPass(
                    plan: plan, arms: arms, executors: executors, filter: filter,
                    redaction: redaction,
                    limit: plan.maximumExchanges ?? .max,
                    deadline: plan.maximumTime.map { MonotonicClock.now + $0.nanoseconds })
                try await pass.run(try capture.reader(of: selection.chosen), pacing: plan.pacing) {
                    (results: [ReplayPass.Result]) async throws(AssayError) in
                    try await store.add(results)
                }
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            for arm in arms { draft.count(await arm.counts, of: arm) }
            await endAll(arms)
            try outcome.get()
        }
        filter.forget()
        let plan = plan
        try await store.join(
            try capture.reader(of: selection.chosen), filter: filter, plan: plan,
            redaction: redaction
        ) { (results: [ReplayPass.Result]) async throws(AssayError) in
            try await collector.add(
                results.map { result throws(AssayError) in
                    try JudgedExchange(result, plan: plan, judge: judge)
                })
        }
    }
}

/// Makes exchanges of a capture ready one by one, those that the filter admits.
struct JobSource {
    private var reader: CaptureReader
    private let filter: ExchangeFilter
    private let plan: ReplayPlan
    private let redaction: ReplayRedaction?
    private var number = 0, position = 0

    /// Starts at the first exchange.
    init(
        reader: CaptureReader, filter: ExchangeFilter, plan: ReplayPlan,
        redaction: ReplayRedaction?
    ) {
        self.redaction = redaction
        self.reader = reader
        self.filter = filter
        self.plan = plan
    }

    /// How many were handed out.
    var count: Int { number }

    /// The next exchange; `nil` after the last. Throws `.damaged` for what cannot be read.
    mutating func next() throws(AssayError) -> ReplayJob? {
        while let exchange = try reader.next() {
            position += 1
            let head = try exchange.requestHead()
            guard filter.admits(exchange, head: head) else { continue }
            defer { number += 1 }
            return try ReplayJob(
                exchange, head: head, number: number, position: position, plan: plan,
                redaction: redaction)
        }
        return nil
    }
}
