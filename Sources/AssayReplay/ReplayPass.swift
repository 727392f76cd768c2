import AssayCapture
import AssayCore
import AssayEvidence
import NIOCore

/// Sends exchanges to arms once, each exchange to all arms one after another in a random order, so
/// that caches and drift of the machine fall on all alike.
struct ReplayPass: Sendable {
    var plan: ReplayPlan
    /// The services; of one role there may be several, which share the places in flight.
    var arms: [LiveArm]
    var executors: [EventLoopTaskExecutor]
    var filter = ExchangeFilter()
    /// What answers go through before anybody looks at them.
    var redaction: ReplayRedaction?
    /// What large answers go through one exchange at a time, as when they are judged.
    var turnstile: Turnstile
    /// How many exchanges are sent at most, and until when on the monotonic clock.
    var limit = Int.max, deadline: Int64?
    /// Exchanges that count as sent and are not.
    var answered = ExchangeIDs()

    /// What came of one exchange.
    struct Result: Sendable {
        var job: ReplayJob
        /// How late it was sent, in nanoseconds; 0 when it was not due at any time.
        var lateness: Int64
        var answers: ArmAnswers
        /// Bytes that the answers as they came hold, about.
        let answerBytes: Int

        var exchange: Exchange { job.exchange }

        /// Whether it has so many bytes, about, that it is read and judged one at a time.
        var isLarge: Bool { job.size + answerBytes > 4 << 20 }

        init(job: ReplayJob, lateness: Int64, answers: ArmAnswers) {
            self.job = job
            self.lateness = lateness
            self.answers = answers
            answerBytes = answers.all.reduce(256) {
                $0 + 2 * ($1.answer.message?.bytes.count ?? 0) + 256
            }
        }
    }

    /// Exchanges that are read in one go, and bytes of them after which no more are.
    private static let readSize = 64, readBytes = 1 << 20

    /// Sends all exchanges of a reader, giving results in batches to `take`, from several tasks.
    ///
    /// Throws what ends the replay, when all senders have stopped.
    func run(
        _ reader: CaptureReader, pacing: ReplayPlan.Pacing,
        take: @escaping @Sendable ([Result]) async throws(AssayError) -> Void
    ) async throws(AssayError) {
        let lead: Int64 = 50_000_000
        let queue = ExchangeQueue(
            PacingSchedule(
                pacing: pacing, window: ExchangeQueue.window,
                startedAt: MonotonicClock.now + lead), deadline: deadline)
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await read(reader, into: queue) }
                for sender in senders(queue) {
                    group.addTask { await sender.run() }
                    group.addTask { await judge(sender.batches, queue: queue, take: take) }
                }
            }
        } onCancel: {
            queue.stop()
            for arm in arms { arm.kill() }
        }
        queue.forgetCallers()
        try plan.checkCancellation()
        if let fault = queue.fault { throw fault }
    }

    /// A sender for each event loop, as far as there are places in flight.
    private func senders(_ queue: ExchangeQueue) -> [LoopSender] {
        let count = min(executors.count, plan.concurrency)
        let groups = plan.arms.map { arm in arms.filter { $0.role == arm.role } }
            .filter { !$0.isEmpty }
        return (0..<count).map { index in
            let lanes = stride(from: index, to: plan.concurrency, by: count).map { lane in
                ArmLane(groups.map { $0[lane % $0.count] })
            }
            return LoopSender(executors[index], queue: queue, seed: plan.seed, lanes: lanes)
        }
    }

    private func read(_ source: CaptureReader, into queue: ExchangeQueue) async {
        var jobs = JobSource(
            reader: source, filter: filter, plan: plan, redaction: redaction, limit: limit,
            answered: answered)
        do throws(AssayError) {
            while !queue.isStopped {
                var batch: [ReplayJob] = []
                var bytes = 0
                while batch.count < Self.readSize, bytes < Self.readBytes,
                    let job = try jobs.next()
                {
                    batch.append(job)
                    bytes += job.size
                }
                guard !batch.isEmpty else { return queue.close() }
                await queue.add(batch)
            }
        } catch {
            queue.stop(error)
        }
    }

    private func judge(
        _ batches: AsyncStream<[Result]>, queue: ExchangeQueue,
        take: @Sendable ([Result]) async throws(AssayError) -> Void
    ) async {
        for await var batch in batches {
            var bytes = 0
            for index in batch.indices {
                bytes += batch[index].job.size + batch[index].answerBytes
            }
            do throws(AssayError) {
                try redact(&batch)
                try await take(batch)
            } catch {
                queue.stop(error)
            }
            queue.judged(batch.count, bytes: bytes)
        }
    }

    /// Redacts one exchange after another, each in the place of the one that it was made of.
    private func redact(_ batch: inout [Result]) throws(AssayError) {
        guard let redaction else { return }
        for index in batch.indices {
            batch[index] = try turnstile.pass(if: batch[index].isLarge) {
                () throws(AssayError) -> Result in try redaction.kept(batch[index])
            }
        }
    }
}
