public import AssayCore
public import SystemPackage

/// Applies the rules of a service to exchanges of foreign formats, redacts them, and sorts them.
///
/// Exchanges that come from a capture, which know their route, are passed on as they are.
public struct PreparingSink: ~Copyable, ExchangeSink {
    private var sorter: ExchangeSorter
    private let rules: ExchangeRules
    private var reader: RuleReader
    private let redactor: Redactor?

    /// Makes a sink; its files are put into `directory`. Without a `redactor` nothing is redacted.
    /// Throws `.limit` without memory for a parser.
    public init(
        in directory: FilePath, rules: ExchangeRules, redactor: Redactor?
    ) throws(AssayError) {
        sorter = ExchangeSorter(in: directory)
        self.rules = rules
        reader = try RuleReader(rules)
        self.redactor = redactor
    }

    /// The exchanges taken so far.
    public var count: Int { sorter.count }
    /// Exchanges that were not taken because they could not be redacted or have impossible times, which
    /// their importer has counted as whole; and notes of what was redacted otherwise than place by place.
    public private(set) var losses = CaptureLosses()

    public mutating func append(_ exchange: Exchange) throws(AssayError) {
        guard exchange.hasPossibleTimes else {
            return losses.lose(\.unsupported, Exchange.impossibleTimes)
        }
        do throws(AssayError) {
            try exchange.checkSize()
        } catch {
            return losses.lose(\.unsupported, error.message)
        }
        guard exchange.route.isEmpty else { return try sorter.append(exchange) }
        var exchange = exchange
        reader.apply(to: &exchange)
        if let redactor {
            do throws(AssayError) {
                for note in try redactor.apply(to: &exchange, found: rules) { losses.note(note) }
            } catch  where error.code == .unsupported {
                return losses.lose(\.unsupported, Redactor.refusal)
            }
        }
        try sorter.append(exchange)
    }

    /// Gives up the exchanges, to be sealed.
    public consuming func sorted() -> ExchangeSorter { sorter }
}
