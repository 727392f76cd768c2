import AssayCapture
import AssayCore
import Synchronization

/// Exchanges on their way from the reader to the senders, in the order of the schedule and bounded
/// in count and bytes; and the bounds on what was answered and not yet judged.
///
/// The senders never wait here: one that gets nothing is told when to ask again.
final class ExchangeQueue: Sendable {
    /// What a sender gets.
    enum Next {
        /// An exchange, and when it is due on the monotonic clock; `nil` for at once.
        case job(ReplayJob, dueAt: Int64?)
        /// Nothing now; the sender's wake-up is called when there may be something.
        case later
        /// Nothing any more.
        case finished
    }

    fileprivate struct State {
        var schedule: PacingSchedule
        var jobs: [Int: ReplayJob] = [:]
        var queuedBytes = 0
        /// Exchanges that were handed out and not yet judged, and bytes of them and of their answers.
        var open = 0, openBytes = 0
        var isStopped = false
        /// Whether the time is over; what was handed out is still judged.
        var isOver = false
        var fault: AssayError?
        var reader: CheckedContinuation<Void, Never>?
        var sleepers: [@Sendable () -> Void] = []
        var stoppers: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>
    /// When nothing more is handed out, on the monotonic clock.
    private let deadline: Int64?

    /// Exchanges that are read ahead, and their bytes; exchanges that are sent and not judged, and
    /// their bytes: those of an exchange, which has the recorded answer, from when it is handed out,
    /// those of the answers from when they are there. Nothing more is read or handed out from where a
    /// bound is reached, so what is on its way then may pass it: by what is read in one go, and by the
    /// answers to all that is in flight.
    static let window = 4096, queuedBytes = 32 << 20, openLimit = 4096, openBytes = 32 << 20

    init(_ schedule: PacingSchedule, deadline: Int64? = nil) {
        self.deadline = deadline
        state = Mutex(State(schedule: schedule))
    }

    /// The first thing that went wrong.
    var fault: AssayError? { state.withLock { $0.fault } }

    /// Whether nothing is handed out any more.
    var isStopped: Bool { state.withLock { $0.isStopped || $0.isOver } }

    /// Calls back once when the queue is stopped.
    func onStop(_ body: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            if !state.isStopped { state.stoppers.append(body) }
            return state.isStopped
        }
        if isStopped { body() }
    }

    /// Adds exchanges in the capture's order; waits while the queue is full.
    func add(_ jobs: [ReplayJob]) async {
        let woken = state.withLock { state in
            for job in jobs {
                state.schedule.add(
                    PacingSchedule.Entry(
                        number: job.number, session: job.exchange.session,
                        recordedAt: job.exchange.startedAt))
                state.jobs[job.number] = job
                state.queuedBytes += job.size
            }
            return state.takeSleepers()
        }
        for wake in woken { wake() }
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.hasRoom { return true }
                state.reader = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
    }

    /// Says that the capture has no more exchanges.
    func close() {
        let woken = state.withLock { state in
            state.schedule.close()
            return state.takeSleepers()
        }
        for wake in woken { wake() }
    }

    /// The next exchange to send. `ended` is one that was answered by all arms just now, with the
    /// bytes of those answers. `wake` is called once, from any thread, if there is nothing now.
    func next(
        ended: (number: Int, bytes: Int)?, wake: @escaping @Sendable () -> Void
    ) -> Next {
        let (next, woken, reader) = state.withLock { state in
            if let ended {
                state.schedule.ended(ended.number)
                state.openBytes += ended.bytes
            }
            if let deadline, MonotonicClock.now >= deadline { state.isOver = true }
            let next = state.take(before: deadline ?? .max)
            if case .later = next { state.sleepers.append(wake) }
            let others: [@Sendable () -> Void]
            switch next {
            case .finished: others = state.takeSleepers()
            // The successor of what has ended may be for another sender.
            case .job where ended != nil && state.canSend: others = state.takeSleepers()
            default: others = []
            }
            return (next, others, state.takeReader())
        }
        for wake in woken { wake() }
        reader?.resume()
        return next
    }

    /// Says that so many exchanges were judged, and how many bytes they and their answers had.
    func judged(_ count: Int, bytes: Int) {
        let woken = state.withLock { state in
            state.open -= count
            state.openBytes -= bytes
            // Also where nothing is left to send: that has to be learned too.
            return state.hasOpenRoom ? state.takeSleepers() : []
        }
        for wake in woken { wake() }
    }

    /// Lets go of all who wait to be called, when the senders have ended.
    func forgetCallers() {
        state.withLock { state in
            state.sleepers = []
            state.stoppers = []
        }
    }

    /// Hands out nothing more, because of a fault or because the run is cancelled.
    func stop(_ fault: AssayError? = nil) {
        let (woken, reader) = state.withLock { state in
            if state.fault == nil, let fault { state.fault = fault }
            state.isStopped = true
            let calls = state.takeSleepers() + state.stoppers
            state.stoppers = []
            return (calls, state.takeReader())
        }
        for wake in woken { wake() }
        reader?.resume()
    }
}

extension ExchangeQueue.State {
    fileprivate var hasRoom: Bool {
        isStopped || isOver || schedule.backlog == 0
            || schedule.backlog < ExchangeQueue.window && queuedBytes < ExchangeQueue.queuedBytes
    }

    fileprivate var hasOpenRoom: Bool {
        open < ExchangeQueue.openLimit && openBytes < ExchangeQueue.openBytes || open == 0
    }

    fileprivate var canSend: Bool { schedule.hasReady && hasOpenRoom }

    fileprivate mutating func take(before deadline: Int64) -> ExchangeQueue.Next {
        guard !isStopped, !isOver else { return .finished }
        guard hasOpenRoom else { return .later }
        switch schedule.next() {
        case .send(let number, let dueAt):
            guard let job = jobs.removeValue(forKey: number) else { return .later }
            if let dueAt, dueAt > deadline {
                isOver = true
                return .finished
            }
            queuedBytes -= job.size
            open += 1
            openBytes += job.size
            return .job(job, dueAt: dueAt)
        case .read, .wait: return .later
        case .finished: return .finished
        }
    }

    fileprivate mutating func takeSleepers() -> [@Sendable () -> Void] {
        guard !sleepers.isEmpty else { return [] }
        defer { sleepers = [] }
        return sleepers
    }

    /// The reader, when there is room for what it holds; after a stop in any case.
    fileprivate mutating func takeReader() -> CheckedContinuation<Void, Never>? {
        guard reader != nil else { return nil }
        let isLow =
            schedule.backlog <= ExchangeQueue.window / 2
            && queuedBytes <= ExchangeQueue.queuedBytes / 2
        guard isStopped || isOver || isLow else { return nil }
        defer { reader = nil }
        return reader
    }
}
