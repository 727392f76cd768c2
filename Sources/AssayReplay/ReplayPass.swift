import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence
import NIOCore

/// Sends exchanges to arms once, each exchange to all arms one after another in a random order, so
/// that caches and drift of the machine fall on all alike.
struct ReplayPass: Sendable {
    var plan: ReplayPlan
    var arms: [LiveArm]
    var executors: [EventLoopTaskExecutor]

    /// What came of one exchange.
    struct Result: Sendable {
        var number: Int
        var exchange: Exchange
        /// How late it was sent, in nanoseconds; 0 when it was not due at any time.
        var lateness: Int64
        var answers: [ArmPlan.Role: ArmAnswer]
    }

    /// How many exchanges are read ahead behind busy sessions.
    static let window = 4096

    /// Sends all exchanges of a reader, giving each result to `take`.
    ///
    /// Throws what ends the replay, when all senders have stopped.
    func run(
        _ reader: CaptureReader, pacing: ReplayPlan.Pacing,
        take: @escaping @Sendable (Result) async throws(AssayError) -> Void
    ) async throws(AssayError) {
        let lead: Int64 = 50_000_000
        let schedule = PacingSchedule(
            pacing: pacing, window: Self.window, startedAt: MonotonicClock.now + lead)
        let dispatcher = ExchangeDispatcher(reader: reader, schedule: schedule)
        do {
            try await withTaskCancellationHandler {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for sender in 0..<plan.concurrency {
                        let executor = executors[sender % executors.count]
                        group.addTask(executorPreference: executor) {
                            do throws(AssayError) {
                                try await send(from: dispatcher, on: executor.eventLoop, take: take)
                            } catch {
                                await dispatcher.stop()
                                throw error
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            } onCancel: {
                for arm in arms { arm.kill() }
            }
        } catch {
            throw .wrapping(error, "could not replay \(plan.captureName)")
        }
        guard !Task.isCancelled else {
            throw AssayError(.interrupted, "stopped during the replay of \(plan.captureName)")
        }
    }

    private func send(
        from dispatcher: ExchangeDispatcher, on eventLoop: any EventLoop,
        take: @Sendable (Result) async throws(AssayError) -> Void
    ) async throws(AssayError) {
        var lane = ArmLane(on: eventLoop)
        do throws(AssayError) {
            while let job = try await dispatcher.next() {
                let result = try await send(job, lane: &lane, on: eventLoop)
                await dispatcher.ended(job)
                try await take(result)
            }
        } catch {
            await lane.close()
            throw error
        }
        await lane.close()
    }

    private func send(
        _ job: ExchangeDispatcher.Job, lane: inout ArmLane, on eventLoop: any EventLoop
    ) async throws(AssayError) -> Result {
        let exchange = job.exchange
        let request = try ArmRequest(exchange, plan: plan)
        var calls: [EgressBook.Recorded] = []
        if arms.contains(where: { $0.egress != nil }) {
            for call in exchange.egress { calls.append(try EgressBook.Recorded(call)) }
        }
        if let dueAt = job.dueAt {
            await MonotonicClock.sleep(until: dueAt, on: eventLoop)
            guard !Task.isCancelled else {
                throw AssayError(.interrupted, "stopped during the replay of \(plan.captureName)")
            }
        }
        var result = Result(number: job.number, exchange: exchange, lateness: 0, answers: [:])
        if let dueAt = job.dueAt { result.lateness = max(0, MonotonicClock.now - dueAt) }
        var order = SplitMix64(seed: plan.seed, name: exchange.id)
        let trace = exchange.trace.flatMap(TraceParent.traceID(of:))
        for arm in arms.shuffled(using: &order) {
            arm.egress?.begin(exchange: exchange.id, trace: trace, calls: calls)
            let sent: Swift.Result<TimedAnswer, ArmFailure>
            do throws(AssayError) {
                sent = try await lane.send(request, to: arm)
            } catch {
                _ = arm.egress?.end(exchange: exchange.id)
                throw error
            }
            let summary = arm.egress?.end(exchange: exchange.id)
            result.answers[arm.role] = ArmAnswer(sent, egress: summary)
        }
        return result
    }
}

extension ArmRequest {
    /// The request of an exchange, as it was recorded. Throws `.damaged` if it cannot be read.
    init(_ exchange: Exchange, plan: ReplayPlan) throws(AssayError) {
        let head = try HTTPMessage(exchange.request, role: .request).head
        self.init(
            bytes: exchange.request, method: head.method,
            closes: head.lists("close", in: "connection"), timeout: plan.requestTimeout,
            limit: plan.answerLimit)
    }
}

extension ArmAnswer {
    /// What came of sending.
    init(_ sent: Result<TimedAnswer, ArmFailure>, egress: EgressBook.Summary?) {
        self.init(egress: egress)
        switch sent {
        case .success(let timed):
            answer = timed.answer
            times = Times(
                sentAt: timed.sentAt, firstByteAt: timed.firstByteAt, endedAt: timed.endedAt)
        case .failure(let failure):
            self.failure = failure.kind
        }
    }

    /// What production answered; without an answer where the recording cannot be read.
    init(recorded exchange: Exchange, hasEgress: Bool) throws(AssayError) {
        let method = try HTTPMessage(exchange.request, role: .request).head.method
        if hasEgress {
            var summary = EgressBook.Summary()
            for call in exchange.egress { summary.asked.insert(try EgressBook.Recorded(call).ask) }
            egress = summary
        }
        do throws(AssayError) {
            let message = try HTTPMessage(exchange.response, role: .response(toMethod: method))
            let headers = message.head.fields.map { (name: $0.name, value: $0.value) }
            answer = Answer(status: message.head.status ?? 0, headers: headers, body: message.body)
        } catch {
            failure = .malformed
        }
    }
}
