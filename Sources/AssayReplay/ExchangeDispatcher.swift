import AssayCapture
import AssayCore

/// Hands exchanges to senders as the schedule allows, reading the capture only as far as needed.
actor ExchangeDispatcher {
    /// One exchange to send.
    struct Job: Sendable {
        /// Its place in the order of the capture.
        var number: Int
        var exchange: Exchange
        /// When it is due on the monotonic clock; `nil` for at once.
        var dueAt: Int64?
    }

    private var reader: CaptureReader
    private var schedule: PacingSchedule
    private var pending: [Int: Exchange] = [:]
    private var read = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var isStopped = false

    init(reader: CaptureReader, schedule: PacingSchedule) {
        self.reader = reader
        self.schedule = schedule
    }

    /// The next exchange to send; `nil` when all were handed out or the pass was stopped.
    ///
    /// Waits while only exchanges are left whose sessions are busy.
    func next() async throws(AssayError) -> Job? {
        while !isStopped {
            switch schedule.next() {
            case .read: try readOne()
            case .send(let number, let dueAt):
                guard let exchange = pending.removeValue(forKey: number) else { continue }
                return Job(number: number, exchange: exchange, dueAt: dueAt)
            case .wait: await withCheckedContinuation { waiters.append($0) }
            case .finished:
                wakeAll()
                return nil
            }
        }
        return nil
    }

    /// Says that an exchange has ended.
    func ended(_ job: Job) {
        schedule.ended(job.number)
        wakeAll()
    }

    /// Hands out nothing more.
    func stop() {
        isStopped = true
        wakeAll()
    }

    private func readOne() throws(AssayError) {
        guard let exchange = try reader.next() else { return schedule.close() }
        schedule.add(
            PacingSchedule.Entry(
                number: read, session: exchange.session, recordedAt: exchange.startedAt))
        pending[read] = exchange
        read += 1
    }

    private func wakeAll() {
        for waiter in waiters { waiter.resume() }
        waiters.removeAll()
    }
}
