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
    var slices: [Slice]

    struct Slice: Hashable, Sendable {
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
    ///
    /// For many exchanges make one `RuleReader`, which does the same.
    public func apply(to exchange: inout Exchange) {
        // Only memory for a parser can be missing, and then nothing is found.
        guard var reader = try? RuleReader(self) else { return }
        reader.apply(to: &exchange)
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
}
