public import AssayCapture
public import AssayCore

/// Which exchanges a recorder keeps: a share of them, chosen by the hash of a value, so that all
/// exchanges of one user are kept or none.
public struct ExchangeSample: Hashable, Sendable {
    /// The share that is kept, from 0 to 1.
    public let share: Double
    /// The value that decides; `nil` for each exchange by itself. An exchange that lacks the value
    /// is decided by itself.
    public let source: ExchangeRules.Source?

    /// Makes a sample. Throws `.usage` unless the share lies between 0 and 1.
    public init(share: Double, by source: ExchangeRules.Source? = nil) throws(AssayError) {
        guard (0...1).contains(share) else {
            throw AssayError(
                .usage, "a sample of \(share) is not between 0 and 1", hint: "write 10% or 0.1")
        }
        self.share = share
        self.source = source
    }

    /// Whether an exchange is kept. The same value gives the same answer in every recording.
    func keeps(_ exchange: Exchange) -> Bool {
        if share >= 1 { return true }
        var value = exchange.id
        if let source {
            var probe = exchange
            probe.session = nil
            ExchangeRules(session: source).apply(to: &probe)
            value = probe.session ?? value
        }
        return Self.position(of: value) < share
    }

    /// Where a value stands between 0 and 1: the first 53 bits of its SHA-256.
    static func position(of value: String) -> Double {
        let word = Digest(of: value.utf8).bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Double(word >> 11) / Double(UInt64(1) << 53)
    }
}
