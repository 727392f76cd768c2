import AssayCapture
import AssayCore

/// Pairs the requests of one connection with their responses: keep-alive, pipelining, answers that
/// come before their request is whole, bodies that end with the connection.
///
/// A pure state machine over the bytes of both directions. A message over the limit, or bytes for
/// which the budget has no room, cost the recording of that exchange only; framing that cannot be
/// followed ends the recording of the connection.
struct MessagePairing {
    private struct Entry {
        let number: Int
        var request: [UInt8] = []
        var requestFramer: HTTPFramer
        var hasBegun = false
        var response: [UInt8] = []
        var responseFramer: HTTPFramer?
        let startedAt: Int64
        var firstByteAt: Int64 = 0
        var endedAt: Int64 = 0
        var isAnswered = false
        var reserved = 0
        var loss: Loss?
    }

    /// More requests than this waiting for answers are not pipelining any more.
    private static let depthLimit = 1024

    private let messageLimit: Int
    private let budget: RecordingBudget
    private var entries: [Entry] = []
    private var count = 0
    /// Whether recording of this connection has ended, though its traffic goes on.
    private(set) var isOff = false

    init(messageLimit: Int, budget: RecordingBudget) {
        self.messageLimit = messageLimit
        self.budget = budget
    }

    /// Whether no request is waiting for an answer.
    var isIdle: Bool { entries.isEmpty }

    /// Takes bytes on their way to the service.
    mutating func request(_ bytes: ArraySlice<UInt8>, at time: Int64) -> [PairingEvent] {
        guard !isOff else { return [] }
        var events: [PairingEvent] = []
        var rest = bytes
        do throws(AssayError) {
            while !rest.isEmpty {
                if entries.last?.requestFramer.isComplete ?? true {
                    guard entries.count < Self.depthLimit else {
                        return events + turnOff(.unsupported("too many requests wait for answers"))
                    }
                    // The framer counts; the limit on what is kept is ours.
                    let framer = HTTPFramer(.request, limits: .init(message: .max))
                    entries.append(Entry(number: count, requestFramer: framer, startedAt: time))
                    count += 1
                }
                let last = entries.count - 1
                let taken = try entries[last].requestFramer.consume(rest)
                keep(rest.prefix(taken), at: last, \.request)
                rest = rest.dropFirst(taken)
                if !entries[last].hasBegun, let head = entries[last].requestFramer.head {
                    entries[last].hasBegun = true
                    events.append(.began(entries[last].number, head, at: entries[last].startedAt))
                }
                finishFirst(&events)
            }
        } catch {
            events += turnOff(.unsupported(error.message))
        }
        return events
    }

    /// Takes bytes on their way back.
    mutating func response(_ bytes: ArraySlice<UInt8>, at time: Int64) -> [PairingEvent] {
        guard !isOff else { return [] }
        var events: [PairingEvent] = []
        var rest = bytes
        do throws(AssayError) {
            while !rest.isEmpty {
                guard let first = entries.first, let head = first.requestFramer.head,
                    !first.isAnswered
                else { return events + turnOff(.unsupported("an answer came to no request")) }
                var framer =
                    first.responseFramer
                    ?? HTTPFramer(.response(toMethod: head.method), limits: .init(message: .max))
                if framer.isEmpty { entries[0].firstByteAt = time }
                let taken = try framer.consume(rest)
                keep(rest.prefix(taken), at: 0, \.response)
                rest = rest.dropFirst(taken)
                let status = framer.head?.status ?? 0
                if status == 101 || (head.method == "CONNECT" && (200..<300).contains(status)) {
                    return events + turnOff(.upgraded)
                }
                if framer.isComplete { answer(at: time) }
                entries[0].responseFramer = framer
                finishFirst(&events)
            }
        } catch {
            events += turnOff(.unsupported(error.message))
        }
        return events
    }

    /// Tells that the service sends no more: bodies that end with the connection are whole now, and
    /// every other exchange is lost.
    mutating func responseEnded(at time: Int64) -> [PairingEvent] {
        guard !isOff else { return [] }
        var events: [PairingEvent] = []
        if var framer = entries.first?.responseFramer, !framer.isComplete {
            do throws(AssayError) {
                try framer.end()
                answer(at: time)
                entries[0].responseFramer = framer
                finishFirst(&events)
            } catch {
                if entries[0].loss == nil { lose(0, .cutShort) }
            }
        }
        return events + turnOff(.unanswered)
    }

    /// Tells that the connection is gone otherwise than by the service's own end: nobody knows whether
    /// a body that ends with the connection was whole, so that every exchange is lost.
    mutating func connectionLost() -> [PairingEvent] {
        guard !isOff else { return [] }
        if let framer = entries.first?.responseFramer, !framer.isComplete, entries[0].loss == nil {
            lose(0, .cutShort)
        }
        return turnOff(.unanswered)
    }

    private mutating func answer(at time: Int64) {
        entries[0].isAnswered = true
        entries[0].endedAt = time
    }

    /// Keeps bytes of the entry's request or response, unless the exchange is lost already.
    private mutating func keep(
        _ bytes: ArraySlice<UInt8>, at index: Int, _ side: WritableKeyPath<Entry, [UInt8]>
    ) {
        guard entries[index].loss == nil else { return }
        if entries[index][keyPath: side].count + bytes.count > messageLimit {
            lose(index, .tooLarge)
        } else if budget.reserve(bytes.count) {
            entries[index].reserved += bytes.count
            entries[index][keyPath: side] += bytes
        } else {
            lose(index, .behind)
        }
    }

    private mutating func lose(_ index: Int, _ loss: Loss) {
        budget.release(entries[index].reserved)
        entries[index].reserved = 0
        entries[index].request = []
        entries[index].response = []
        entries[index].loss = loss
    }

    /// Gives out the first exchange if both its sides are whole.
    private mutating func finishFirst(_ events: inout [PairingEvent]) {
        guard let first = entries.first, first.isAnswered, first.requestFramer.isComplete else {
            return
        }
        entries.removeFirst()
        if let loss = first.loss {
            events.append(.lost(first.number, loss))
        } else {
            events.append(
                .finished(
                    first.number,
                    PairedExchange(
                        request: first.request, response: first.response,
                        startedAt: first.startedAt, firstByteAt: first.firstByteAt,
                        endedAt: first.endedAt, reserved: first.reserved)))
        }
    }

    /// Ends the recording. The first exchange is lost for its own reason or for this one; those
    /// that wait behind it cannot be followed either.
    private mutating func turnOff(_ loss: Loss) -> [PairingEvent] {
        isOff = true
        var events: [PairingEvent] = []
        for index in entries.indices {
            let entry = entries[index]
            if entry.loss == nil { lose(index, loss) }
            // Line breaks between requests are no request.
            if !entry.hasBegun, entry.request.allSatisfy({ $0 == 0x0D || $0 == 0x0A }),
                case .unanswered = loss
            {
                continue
            }
            let isCut = loss == .unanswered && !entry.requestFramer.isComplete
            let reason = entry.loss ?? (isCut ? .cutShort : loss)
            events.append(.lost(entry.hasBegun ? entry.number : nil, reason))
        }
        if entries.isEmpty, case .unsupported = loss { events.append(.lost(nil, loss)) }
        entries = []
        return events
    }
}
