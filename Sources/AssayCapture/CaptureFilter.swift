public import AssayCore

/// Which exchanges of a capture are chosen: those that every given condition holds for.
public struct CaptureFilter: Hashable, Sendable {
    /// Patterns of routes, any of which may match: `POST /predict`, `/users/*`.
    public var routes: [String] = []
    /// The first and the last start, in nanoseconds since 1970.
    public var from: Int64?, to: Int64?
    /// Statuses, any of which may match: `200`, `5xx`, or `none` for exchanges without an answer.
    public var statuses: [String] = []
    /// Slice fields with the values of which any may match.
    public var slices: [String: Set<String>] = [:]
    /// Sessions of which any may match.
    public var sessions: Set<String> = []
    /// Labels of which any may match.
    public var labels: Set<String> = []

    /// Makes a filter that all exchanges pass.
    public init() {}

    /// Reads a status of the command line; throws `.usage` for what is none.
    public mutating func add(status text: String) throws(AssayError) {
        let bytes = Array(text.utf8)
        let isNumber = bytes.count == 3 && bytes.allSatisfy { (0x30...0x39).contains($0) }
        let isClass = bytes.count == 3 && (0x31...0x35).contains(bytes[0]) && text.hasSuffix("xx")
        guard isNumber || isClass || text == "none" else {
            throw AssayError(
                .usage, "\(text) is not a status", hint: "write 200, 5xx, or none")
        }
        statuses.append(text)
    }

    /// Reads a time of the command line in RFC 3339, or a day; throws `.usage` for what is none.
    public static func time(_ text: String) throws(AssayError) -> Int64 {
        let whole = text.utf8.count == 10 ? "\(text)T00:00:00Z" : text
        guard let time = Timestamp.nanoseconds(whole) else {
            throw AssayError(
                .usage, "\(text) is not a time", hint: "write 2013-09-01T10:00:00Z or 2013-09-01")
        }
        return time
    }

    /// Whether an exchange passes.
    public func matches(_ exchange: Exchange) -> Bool {
        if let from, exchange.startedAt < from { return false }
        if let to, exchange.startedAt > to { return false }
        if !sessions.isEmpty, !sessions.contains(exchange.session ?? exchange.id) { return false }
        if !labels.isEmpty, !labels.contains(exchange.label ?? "") { return false }
        for (field, values) in slices {
            guard let value = exchange.slices[field], values.contains(value) else { return false }
        }
        if !routes.isEmpty, !routes.contains(where: { matches($0, exchange.route) }) {
            return false
        }
        return statuses.isEmpty || matchesStatus(exchange)
    }

    private func matches(_ pattern: String, _ route: String) -> Bool {
        if Glob(pattern).matches(route) { return true }
        let words = route.split(separator: " ", maxSplits: 1)
        return words.count == 2 && Glob(pattern).matches(String(words[1]))
    }

    private func matchesStatus(_ exchange: Exchange) -> Bool {
        guard let status = exchange.status else { return statuses.contains("none") }
        return statuses.contains("\(status)") || statuses.contains("\(status / 100)xx")
    }
}

extension Exchange {
    /// The status of the final answer; `nil` without one that can be read.
    public var status: Int? {
        guard isAnswered else { return nil }
        var framer = HTTPFramer(
            .response(toMethod: ExchangeText.method(of: request)),
            limits: .init(message: max(1, response.count)))
        // A message that cannot be read has no status.
        guard (try? framer.consume(response[...])) != nil else { return nil }
        return framer.head?.status
    }
}
