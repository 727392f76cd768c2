/// Decides which exchange is sent next and when: a state machine without clock or I/O.
///
/// Exchanges are added in the capture's order of time. Those of one session are sent one after
/// another; all others as their times (or free places) allow. Memory is bounded by `window`.
public struct PacingSchedule: Sendable {
    private let pacing: ReplayPlan.Pacing
    private let window: Int
    private let startedAt: Int64
    private var firstRecordedAt: Int64?
    private var added = 0
    private var closed = false
    private var waiting = 0
    /// The numbers of exchanges that may be sent: a binary heap with the smallest on top.
    private var ready: [Int] = []
    /// Those exchanges.
    private var entries: [Int: Entry] = [:]
    /// The exchanges behind the one that is ready or in flight, by session.
    private var queues: [String: [Entry]] = [:]
    private var inFlight: [Int: String] = [:]

    /// One exchange, as far as pacing is concerned.
    public struct Entry: Hashable, Sendable {
        /// Its place in the order of the capture.
        public var number: Int
        /// The session whose order is kept; `nil` for an exchange that stands alone.
        public var session: String?
        /// When the request came in, in nanoseconds.
        public var recordedAt: Int64

        public init(number: Int, session: String?, recordedAt: Int64) {
            self.number = number
            self.session = session
            self.recordedAt = recordedAt
        }
    }

    /// What to do next.
    public enum Step: Hashable, Sendable {
        /// Send the exchange of that number, at that time if there is one, else at once.
        case send(number: Int, at: Int64?)
        /// Add the next exchange of the capture, or close.
        case read
        /// Nothing until an exchange has ended.
        case wait
        /// Every exchange was sent; those in flight end by themselves.
        case finished
    }

    /// Starts a schedule; `startedAt` is when the first exchange is due on the clock that the
    /// sender uses.
    public init(pacing: ReplayPlan.Pacing, window: Int, startedAt: Int64) {
        self.pacing = pacing
        self.window = max(1, window)
        self.startedAt = startedAt
    }

    /// Adds the next exchange of the capture.
    public mutating func add(_ entry: Entry) {
        if firstRecordedAt == nil { firstRecordedAt = entry.recordedAt }
        added += 1
        waiting += 1
        guard let session = entry.session else { return insert(entry) }
        if queues[session] == nil {
            queues[session] = []
            insert(entry)
        } else {
            queues[session]?.append(entry)
        }
    }

    /// Exchanges that were added and not yet sent.
    public var backlog: Int { waiting }

    /// Whether an exchange may be sent now.
    public var hasReady: Bool { !ready.isEmpty }

    /// Says that the capture has no more exchanges.
    public mutating func close() {
        closed = true
    }

    /// Gives the next step. A step to send is given once.
    public mutating func next() -> Step {
        if !closed, ready.isEmpty, waiting < window { return .read }
        if ready.isEmpty { return waiting == 0 && closed ? .finished : .wait }
        guard let entry = entries.removeValue(forKey: popFirst()) else { return .wait }
        waiting -= 1
        if let session = entry.session { inFlight[entry.number] = session }
        return .send(number: entry.number, at: time(of: entry))
    }

    /// Says that an exchange has ended, so that the next of its session may be sent.
    public mutating func ended(_ number: Int) {
        guard let session = inFlight.removeValue(forKey: number) else { return }
        guard var queue = queues[session], !queue.isEmpty else {
            queues[session] = nil
            return
        }
        insert(queue.removeFirst())
        queues[session] = queue
    }

    private func time(of entry: Entry) -> Int64? {
        switch pacing {
        case .max: return nil
        case .schedule(let speed):
            let first = firstRecordedAt ?? entry.recordedAt
            return after((Double(entry.recordedAt) - Double(first)) / speed)
        case .rate(let rate):
            return after(Double(entry.number) * 1e9 / rate)
        }
    }

    /// The start and some nanoseconds, at most a hundred years on.
    private func after(_ nanoseconds: Double) -> Int64 {
        startedAt + Int64(min(max(0, nanoseconds.rounded()), 3.15e18))
    }

    private mutating func insert(_ entry: Entry) {
        entries[entry.number] = entry
        ready.append(entry.number)
        var index = ready.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard ready[index] < ready[parent] else { return }
            ready.swapAt(index, parent)
            index = parent
        }
    }

    /// Takes the smallest number off the heap, which is not empty.
    private mutating func popFirst() -> Int {
        let first = ready[0]
        let last = ready.removeLast()
        guard !ready.isEmpty else { return first }
        ready[0] = last
        var index = 0
        while true {
            var smallest = index
            for child in (2 * index + 1)...(2 * index + 2)
            where child < ready.count && ready[child] < ready[smallest] {
                smallest = child
            }
            guard smallest != index else { return first }
            ready.swapAt(index, smallest)
            index = smallest
        }
    }
}
