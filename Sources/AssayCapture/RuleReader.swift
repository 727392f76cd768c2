public import AssayCore

/// Finds what `ExchangeRules` name in one exchange after the other, with one parser for all.
public struct RuleReader: ~Copyable {
    private let rules: ExchangeRules
    /// The pointers of the rules, taken apart once.
    private var tokens: [String: [String]] = [:]
    private var tape: JSONTape
    private let needsBody: Bool

    /// Makes a reader. Throws `.limit` without memory for a parser.
    public init(_ rules: ExchangeRules) throws(AssayError) {
        self.rules = rules
        let sources = [rules.session, rules.trace, rules.key] + rules.slices.map(\.source)
        for case .pointer(let pointer)? in sources {
            tokens[pointer] = JSONPointer.tokens(pointer)
        }
        needsBody = !tokens.isEmpty
        tape = try JSONTape()
    }

    /// Fills in what the rules find in the exchange's request; see `ExchangeRules.apply`.
    public mutating func apply(to exchange: inout Exchange) {
        guard let message = try? HTTPMessage(exchange.request, role: .request) else { return }
        if needsBody, let body = ContentCoding.decoded(message) {
            isJSON = tape.parse(body[...]) == nil
        } else {
            isJSON = false
        }
        if let session = rules.session {
            exchange.session = find(session, message) ?? exchange.session
        }
        if let trace = rules.trace {
            exchange.trace = find(trace, message).map(ExchangeRules.traceID) ?? exchange.trace
        }
        if let key = rules.key { exchange.key = find(key, message) ?? exchange.key }
        for slice in rules.slices {
            if let value = find(slice.source, message) { exchange.slices[slice.name] = value }
        }
        exchange.route =
            rules.route(of: message.head)?.name ?? "\(message.head.method) \(message.head.path)"
    }

    /// Whether the tape holds the body of the exchange at hand.
    private var isJSON = false

    private func find(_ source: ExchangeRules.Source, _ message: HTTPMessage) -> String? {
        switch source {
        case .header(let name): message.head[name]
        case .cookie(let name): Self.cookie(name, message.head)
        case .pointer(let pointer): value(at: pointer)
        }
    }

    private static func cookie(_ name: String, _ head: HTTPHead) -> String? {
        for value in head.values(of: "cookie") {
            for part in value.split(separator: ";") {
                let pair = part.drop { $0 == " " }.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if pair.count == 2, pair[0] == name { return String(pair[1]) }
            }
        }
        return nil
    }

    private func value(at pointer: String) -> String? {
        guard isJSON, let tokens = tokens[pointer] else { return nil }
        var place = tape.root
        for token in tokens {
            guard let next = tape.step(token, of: place) else { return nil }
            place = next
        }
        if let text = tape.text(place) { return text }
        // The tape has taken it as JSON; what the stricter parser refuses has no value.
        guard let raw = tape.raw(place),
            let value = try? JSONParser.parse(raw, file: "body"), value != .null
        else { return nil }
        return String(decoding: CanonicalJSON.encode(value), as: UTF8.self)
    }
}
