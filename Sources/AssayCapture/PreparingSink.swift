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

    public mutating func append(_ exchange: Exchange) throws(AssayError) {
        guard exchange.route.isEmpty else { return try sorter.append(exchange) }
        var exchange = exchange
        reader.apply(to: &exchange)
        redactor?.apply(to: &exchange, found: rules)
        try sorter.append(exchange)
    }

    /// Gives up the exchanges, to be sealed.
    public consuming func sorted() -> ExchangeSorter { sorter }
}
