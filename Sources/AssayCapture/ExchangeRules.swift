import AssayCore

/// How session, trace, key, route and slices of an exchange are found; `capture` of `assay.yaml`.
public struct ExchangeRules: Hashable, Sendable {
    /// A place in a request.
    public enum Source: Hashable, Sendable {
        /// A header field.
        case header(String)
        /// A cookie.
        case cookie(String)
        /// A JSON Pointer into the body.
        case pointer(String)
    }

    /// One route: a method and a path pattern in which `*` stands for one name.
    public struct Route: Hashable, Sendable {
        /// The method, or `*`, and the pattern.
        public let method: String, pattern: String
        /// Whether sending it again does no harm.
        public let isReplayable: Bool

        /// Reads `POST /users/*`; a path alone takes any method.
        public init(_ text: String, isReplayable: Bool = true) {
            let words = text.split(separator: " ", maxSplits: 1)
            method = words.count == 2 ? String(words[0]) : "*"
            pattern = String(words.last ?? "/")
            self.isReplayable = isReplayable
        }

        /// The route's name in evidence.
        public var name: String { method == "*" ? pattern : "\(method) \(pattern)" }
    }

    /// Where each is found; `nil` where there is none.
    public var session: Source?, trace: Source?, key: Source?
    /// The routes; the first that matches names the exchange.
    public var routes: [Route]
    /// The slice fields, by name.
    private var slices: [Slice]

    private struct Slice: Hashable, Sendable {
        let name: String
        let source: Source
    }

    /// Makes rules.
    public init(
        session: Source? = nil, trace: Source? = nil, key: Source? = nil, routes: [Route] = [],
        slices: [(name: String, source: Source)] = []
    ) {
        self.session = session
        self.trace = trace
        self.key = key
        self.routes = routes
        self.slices = slices.map { Slice(name: $0.name, source: $0.source) }
    }

    /// Fills in what the rules find in the exchange's request. A body that is not JSON has no
    /// pointers; what is not found stays as it was.
    public func apply(to exchange: inout Exchange) {
        guard let message = try? HTTPMessage(exchange.request, role: .request) else { return }
        var body = LazyBody(message: message)
        if let session { exchange.session = body.find(session) ?? exchange.session }
        if let trace { exchange.trace = body.find(trace).map(Self.traceID) ?? exchange.trace }
        if let key { exchange.key = body.find(key) ?? exchange.key }
        for slice in slices {
            if let value = body.find(slice.source) { exchange.slices[slice.name] = value }
        }
        exchange.route =
            route(of: message.head)?.name ?? "\(message.head.method) \(message.head.path)"
    }

    /// The route that a request takes, if one is declared for it.
    public func route(of head: HTTPHead) -> Route? {
        routes.first { route in
            (route.method == "*" || route.method == head.method)
                && Glob(route.pattern).matches(head.path)
        }
    }

    /// The trace id inside a `traceparent` value (W3C Trace Context); any other value is itself.
    public static func traceID(_ value: String) -> String {
        let parts = value.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count >= 4 && parts[1].utf8.count == 32 ? String(parts[1]) : value
    }

    /// Parses the body once, and only if a pointer is asked for.
    private struct LazyBody {
        let message: HTTPMessage
        var document: JSONValue??

        init(message: HTTPMessage) { self.message = message }

        mutating func find(_ source: Source) -> String? {
            switch source {
            case .header(let name): return message.head[name]
            case .cookie(let name): return cookie(name)
            case .pointer(let pointer): return value(at: pointer)
            }
        }

        private func cookie(_ name: String) -> String? {
            for value in message.head.values(of: "cookie") {
                for part in value.split(separator: ";") {
                    let pair = part.drop { $0 == " " }.split(
                        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    if pair.count == 2, pair[0] == name { return String(pair[1]) }
                }
            }
            return nil
        }

        private mutating func value(at pointer: String) -> String? {
            if document == nil {
                // A body that is no JSON, or packed in a way that is not known, has no pointers.
                let body = ContentCoding.decoded(message) ?? []
                document = .some(try? JSONParser.parse(body, file: "body"))
            }
            guard var place = document ?? nil, let tokens = JSONPointer.tokens(pointer) else {
                return nil
            }
            for token in tokens {
                switch place {
                case .object(let members):
                    guard let next = members[token] else { return nil }
                    place = next
                case .array(let elements):
                    guard let index = Int(token), elements.indices.contains(index) else {
                        return nil
                    }
                    place = elements[index]
                default: return nil
                }
            }
            switch place {
            case .string(let text): return text
            case .null: return nil
            default: return String(decoding: CanonicalJSON.encode(place), as: UTF8.self)
            }
        }
    }
}
