import AssayCapture
import AssayCore
import AssayEvidence
import NIOCore

/// Sends exchanges from one event loop, over places in flight of its own.
///
/// What is usual, an open connection and an answer, costs no task: it is one callback of the event
/// loop after another. What is not goes to a task as a `PatientSend`.
///
/// Unchecked: all that changes is touched on the event loop alone.
final class LoopSender: @unchecked Sendable {
    private let eventLoop: any EventLoop
    private let executor: EventLoopTaskExecutor
    private let queue: ExchangeQueue
    private let seed: UInt64
    private let lanes: [ArmLane]
    private var idle: [ArmLane]
    /// Places whose exchange is not due yet, and the timer for the first of them.
    private var due: [(time: Int64, lane: ArmLane)] = []
    private var timer: Scheduled<Void>?
    private var timerAt = Int64.max
    private var batch: [ReplayPass.Result] = []
    private var flushIsDue = false
    private var hasEnded = false
    /// Whether a wake-up is on its way.
    private var isAsleep = false
    private var isStopping = false
    /// What the queue calls when there may be something to do again; holds this until the end.
    private var wake: @Sendable () -> Void = {}
    private let orders: AsyncStream<Order>
    private let order: AsyncStream<Order>.Continuation
    private let results: AsyncStream<[ReplayPass.Result]>.Continuation

    /// The results, in batches.
    let batches: AsyncStream<[ReplayPass.Result]>

    private enum Order {
        case send(PatientSend, lane: Int, arm: Int)
        case stop
    }

    /// Results that make a batch full, and how long one waits that is not.
    static let batchSize = 64
    static let batchDelay = TimeAmount.milliseconds(2)

    init(_ executor: EventLoopTaskExecutor, queue: ExchangeQueue, seed: UInt64, lanes: [ArmLane]) {
        eventLoop = executor.eventLoop
        self.executor = executor
        self.queue = queue
        self.seed = seed
        self.lanes = lanes
        idle = lanes.reversed()
        (orders, order) = AsyncStream.makeStream()
        (batches, results) = AsyncStream.makeStream()
        wake = { [self] in
            eventLoop.execute {
                self.isAsleep = false
                self.pump()
            }
        }
    }

    /// Sends until the queue is finished or stopped and all in flight have ended.
    func run() async {
        queue.onStop { [self] in
            order.yield(.stop)
            eventLoop.execute { self.stop() }
        }
        eventLoop.execute { self.pump() }
        await withTaskGroup(of: Void.self) { group in
            for await order in orders {
                switch order {
                case .send(let send, let lane, let arm):
                    group.addTask(executorPreference: executor) { [self] in
                        await perform(send, lane: lane, arm: arm)
                    }
                case .stop: group.cancelAll()
                }
            }
        }
        for lane in lanes {
            for kept in lane.connections { await kept?.connection.close() }
        }
    }

    private func perform(_ send: PatientSend, lane: Int, arm: Int) async {
        let outcome: PatientSend.Outcome?
        do throws(AssayError) {
            outcome = try await send.run(on: eventLoop)
        } catch {
            queue.stop(error)
            outcome = nil
        }
        eventLoop.execute { [self] in
            guard let outcome else { return drop(lanes[lane]) }
            lanes[lane].connections[arm] = outcome.kept.map {
                ArmLane.Kept(connection: $0.connection, endpoint: $0.endpoint)
            }
            answered(lanes[lane], outcome.result, from: arm)
        }
    }

    /// Gives idle places something to do.
    private func pump(ended: (number: Int, bytes: Int)? = nil) {
        var ended = ended
        while let lane = idle.last {
            guard ended != nil || !isAsleep else { return }
            let next = queue.next(ended: ended, wake: wake)
            ended = nil
            switch next {
            case .job(let job, let dueAt):
                isAsleep = false
                idle.removeLast()
                start(job, dueAt: dueAt, on: lane)
            case .later:
                isAsleep = true
                return
            case .finished: return endIfIdle()
            }
        }
    }

    private func start(_ job: ReplayJob, dueAt: Int64?, on lane: ArmLane) {
        guard let dueAt else {
            lane.begin(job, lateness: 0, seed: seed)
            return ask(lane)
        }
        let now = MonotonicClock.now
        lane.begin(job, lateness: max(0, now - dueAt), seed: seed)
        if dueAt <= now { return ask(lane) }
        let place = due.lastIndex { $0.time <= dueAt }.map { $0 + 1 } ?? 0
        due.insert((dueAt, lane), at: place)
        setTimer()
    }

    private func setTimer() {
        guard let first = due.first, first.time < timerAt else { return }
        timer?.cancel()
        timerAt = first.time
        timer = eventLoop.assumeIsolated().scheduleTask(
            deadline: .uptimeNanoseconds(UInt64(first.time))
        ) {
            self.timerAt = .max
            let now = MonotonicClock.now
            while let first = self.due.first, first.time <= now {
                self.due.removeFirst()
                first.lane.lateness = max(0, now - first.time)
                self.ask(first.lane)
            }
            self.setTimer()
        }
    }

    /// Sends the exchange of a place to the next arm, or hands in its result.
    private func ask(_ lane: ArmLane) {
        guard let job = lane.job, !isStopping else { return drop(lane) }
        guard let arm = lane.current else { return finish(lane, job) }
        lane.beginEgress(of: arm)
        guard let kept = lane.connections[arm], kept.connection.isOpen, !lane.arms[arm].isHung
        else {
            lane.connections[arm]?.connection.drop()
            lane.connections[arm] = nil
            return sendPatiently(job, lane, arm, failed: nil)
        }
        kept.connection.send(job.request) { [self] result in
            if case .failure(let failure) = result {
                lane.connections[arm] = nil
                guard !isStopping else { return drop(lane) }
                return sendPatiently(job, lane, arm, failed: (failure, kept.endpoint))
            }
            lane.arms[arm].note(timedOut: false)
            answered(lane, result, from: arm)
        }
    }

    private func sendPatiently(
        _ job: ReplayJob, _ lane: ArmLane, _ arm: Int,
        failed: (failure: ArmFailure, endpoint: LiveArm.Endpoint)?
    ) {
        guard let place = lanes.firstIndex(where: { $0 === lane }) else { return }
        order.yield(
            .send(
                PatientSend(request: job.request, arm: lane.arms[arm], failed: failed),
                lane: place, arm: arm))
    }

    private func answered(
        _ lane: ArmLane, _ result: Result<TimedAnswer, ArmFailure>, from arm: Int
    ) {
        lane.take(result, from: arm)
        ask(lane)
    }

    private func finish(_ lane: ArmLane, _ job: ReplayJob) {
        let result = ReplayPass.Result(
            job: job, lateness: lane.lateness, answers: lane.answers)
        lane.job = nil
        idle.append(lane)
        batch.append(result)
        if batch.count >= Self.batchSize {
            flush()
        } else if !flushIsDue {
            flushIsDue = true
            eventLoop.assumeIsolated().scheduleTask(in: Self.batchDelay) {
                self.flushIsDue = false
                self.flush()
            }
        }
        pump(ended: (job.number, result.answerBytes))
    }

    private func flush() {
        guard !batch.isEmpty else { return }
        results.yield(batch)
        batch.removeAll(keepingCapacity: true)
    }

    private func stop() {
        isStopping = true
        timer?.cancel()
        let waiting = due
        due = []
        for (_, lane) in waiting { drop(lane) }
        for lane in lanes where lane.job != nil {
            for kept in lane.connections { kept?.connection.drop() }
        }
        endIfIdle()
    }

    /// Gives up the exchange of a place; only when the replay ends.
    private func drop(_ lane: ArmLane) {
        guard let job = lane.job else { return }
        if let arm = lane.current { _ = lane.arms[arm].egress?.end(exchange: job.exchange.id) }
        lane.job = nil
        idle.append(lane)
        endIfIdle()
    }

    private func endIfIdle() {
        guard idle.count == lanes.count, !hasEnded else { return }
        hasEnded = true
        wake = {}
        flush()
        results.finish()
        order.finish()
    }
}
