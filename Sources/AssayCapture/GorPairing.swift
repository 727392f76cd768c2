import AssayCore

/// Joins the requests of a GoReplay file with their responses.
struct GorPairing {
    /// Whether a request that gets no response is kept as an exchange without one.
    let keepsUnanswered: Bool
    /// What was kept and lost so far.
    var losses = CaptureLosses()
    private var waiting: [GorMeta.ID: Half] = [:]
    /// The ids in the order of their coming; those that are no longer waiting are passed over.
    private var order: [(id: GorMeta.ID, number: Int)] = []
    private var first = 0
    private var next = 0
    private var bytes = 0

    /// Halves that wait for the other half hold at most this many bytes, and are at most so many.
    private static let maximumBytes = 256 << 20
    private let maximumCount: Int

    init(keepsUnanswered: Bool, maximumCount: Int = 1 << 20) {
        self.keepsUnanswered = keepsUnanswered
        self.maximumCount = maximumCount
    }

    private struct Half {
        enum Content {
            case request([UInt8], method: String)
            case response([UInt8], isBodiless: Bool)
            /// It was counted as lost, and takes its other half with it.
            case lost
        }
        let number: Int
        let content: Content
        let time: Int64, duration: Int64

        var size: Int {
            switch content {
            case .request(let bytes, _), .response(let bytes, _): bytes.count + 256
            case .lost: 256
            }
        }
    }

    /// The method of the request that waits for a response.
    func method(of id: GorMeta.ID) -> String? {
        guard case .request(_, let method)? = waiting[id]?.content else { return nil }
        return method
    }

    /// Takes a record, and writes the exchange that it makes whole.
    mutating func add<Sink: ExchangeSink & ~Copyable>(
        _ meta: GorMeta, _ payload: GorScanner.Payload, to journal: inout Sink
    ) throws(AssayError) {
        let half = take(meta.id)
        if case .lost? = half?.content { return }
        switch payload.state {
        case .cut:
            losses.lose(\.truncated, "a message is shorter than it says")
            if half == nil {
                wait(meta, .lost)
                try makeRoom(&journal)
            }
        case .unreadable(let reason):
            losses.lose(\.unsupported, reason)
            if half == nil {
                wait(meta, .lost)
                try makeRoom(&journal)
            }
        case .whole(let head, let isBodiless):
            switch (meta.kind, half?.content) {
            case (.request, .response(let response, let wasBodiless)?):
                guard let half else { return }
                let isCut = wasBodiless ? try !isWhole(response, head.method) : false
                guard !isCut else {
                    return losses.lose(\.truncated, "a message is shorter than it says")
                }
                try write(
                    payload.bytes, meta.time, response, half.time, half.duration, to: &journal)
            case (.response, .request(let request, let method)?):
                guard let half else { return }
                guard !isBodiless || method == "HEAD" else {
                    return losses.lose(\.truncated, "a message is shorter than it says")
                }
                try write(
                    request, half.time, payload.bytes, meta.time, meta.duration, to: &journal)
            default:
                if let half { try giveUp(half, &journal) }
                let content: Half.Content =
                    meta.kind == .request
                    ? .request(payload.bytes, method: head.method)
                    : .response(payload.bytes, isBodiless: isBodiless)
                wait(meta, content)
                try makeRoom(&journal)
            }
        }
    }

    /// Ends the file: what still waits gets no other half.
    mutating func finish<Sink: ExchangeSink & ~Copyable>(_ journal: inout Sink) throws(AssayError) {
        try evict(&journal) { _ in true }
    }

    /// Whether a response that ended with its head is whole, now that its request is known.
    private func isWhole(_ response: [UInt8], _ method: String) throws(AssayError) -> Bool {
        var framer = HTTPFramer(.response(toMethod: method))
        _ = try framer.consume(response[...])
        return framer.isComplete
    }

    private mutating func write<Sink: ExchangeSink & ~Copyable>(
        _ request: [UInt8], _ startedAt: Int64, _ response: [UInt8], _ answeredAt: Int64,
        _ duration: Int64, to journal: inout Sink
    ) throws(AssayError) {
        let first = response.isEmpty ? 0 : max(0, answeredAt - startedAt)
        try journal.append(
            Exchange(
                request: request, response: response, startedAt: startedAt, firstByteAfter: first,
                endedAfter: response.isEmpty ? 0 : max(first, answeredAt + duration - startedAt)))
        losses.keep()
    }

    private mutating func wait(_ meta: GorMeta, _ content: Half.Content) {
        let half = Half(number: next, content: content, time: meta.time, duration: meta.duration)
        waiting[meta.id] = half
        order.append((meta.id, next))
        next += 1
        bytes += half.size
    }

    private mutating func take(_ id: GorMeta.ID) -> Half? {
        guard let half = waiting.removeValue(forKey: id) else { return nil }
        bytes -= half.size
        return half
    }

    private mutating func makeRoom<Sink: ExchangeSink & ~Copyable>(_ journal: inout Sink)
        throws(AssayError)
    {
        try evict(&journal) { $0.bytes > Self.maximumBytes || $0.waiting.count > $0.maximumCount }
        // Ids that no longer wait are dropped when they are most of the list.
        guard order.count > 4096, order.count - first > 2 * waiting.count || first > order.count / 2
        else { return }
        order = order[first...].filter { waiting[$0.id]?.number == $0.number }
        first = 0
    }

    private mutating func evict<Sink: ExchangeSink & ~Copyable>(
        _ journal: inout Sink, while condition: (GorPairing) -> Bool
    ) throws(AssayError) {
        while first < order.count, condition(self) {
            let (id, number) = order[first]
            first += 1
            guard waiting[id]?.number == number, let half = take(id) else { continue }
            try giveUp(half, &journal)
        }
    }

    private mutating func giveUp<Sink: ExchangeSink & ~Copyable>(
        _ half: Half, _ journal: inout Sink
    ) throws(AssayError) {
        switch half.content {
        case .request(let request, _) where keepsUnanswered:
            try write(request, half.time, [], 0, 0, to: &journal)
        case .request: losses.lose(\.truncated, "a request without a response")
        case .response: losses.lose(\.truncated, "a response without a request")
        case .lost: break
        }
    }
}
