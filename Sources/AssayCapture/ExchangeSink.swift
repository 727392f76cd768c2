public import AssayCore

/// Takes exchanges one by one, in any order: a journal, or what sorts them.
public protocol ExchangeSink: ~Copyable {
    /// Adds an exchange. Throws what writing it throws.
    mutating func append(_ exchange: Exchange) throws(AssayError)
}

extension CaptureJournal: ExchangeSink {}

/// Counts exchanges and keeps none, to see what a file holds.
public struct CountingSink: ~Copyable, ExchangeSink {
    /// The exchanges so far, and the bytes of their messages.
    public private(set) var count = 0, bytes = 0

    /// Nothing counted yet.
    public init() {}

    public mutating func append(_ exchange: Exchange) throws(AssayError) {
        count += 1
        bytes += exchange.request.count + exchange.response.count
    }
}
