import AssayCapture
import AssayCore

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

    /// Counts what is left, which it passes over. Throws `.interrupted` when the task is cancelled.
    mutating func rest() throws(AssayError) -> Int {
        var count = 0
        while try nextExchange() != nil {
            count += 1
            if count % LoopSender.batchSize == 0 { try plan.checkCancellation() }
        }
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
