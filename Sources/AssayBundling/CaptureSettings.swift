/// How the traffic of a service is told apart: the `capture` section of `assay.yaml`.
///
/// It decides no answer, so it is not part of a bundle's id.
public struct CaptureSettings: Hashable, Sendable {
    /// Where a request names its session: what has to be replayed together, in order.
    public let session: Source?
    /// Where a request names the trace it belongs to.
    public let trace: Source?
    /// Where a request names the thing it asks about, by which labels are joined.
    public let key: Source?
    /// The routes that are named, first match first; empty means every request is one of its own
    /// method and path.
    public let routes: [Route]
    /// The slices the traffic is divided into.
    public let slices: [Slice]
    /// What is taken out of exchanges before they are kept, besides what always is.
    public let redactions: [Redaction]
    /// For how many days exchanges are to be kept; `nil` for as long as their captures.
    public let retentionDays: Int?

    /// Settings for a service that says nothing.
    public static let none = CaptureSettings(
        session: nil, trace: nil, key: nil, routes: [], slices: [], redactions: [],
        retentionDays: nil)

    /// Where in a request a value is.
    public enum Source: Hashable, Sendable {
        /// The header of this name.
        case header(String)
        /// The cookie of this name.
        case cookie(String)
        /// The place in the JSON body, as a JSON Pointer.
        case pointer(String)
    }

    /// One route.
    public struct Route: Hashable, Sendable {
        /// The method, in upper case.
        public let method: String
        /// The path; `{name}` stands for one segment.
        public let path: String
        /// Whether the request may be sent again, which it may unless it is said that it may not: a
        /// replay leaves the others out.
        public let isReplayable: Bool

        /// The route as it is written, `POST /predict`.
        public var name: String { "\(method) \(path)" }
    }

    /// One way to divide the traffic.
    public struct Slice: Hashable, Sendable {
        /// The slice's name.
        public let name: String
        /// Where the value is.
        public let source: Source
    }

    /// One place that is redacted.
    public struct Redaction: Hashable, Sendable {
        /// Where the value is.
        public let place: Place
        /// `drop`, `mask`, `pseudonym` or `keep`.
        public let action: String
        /// Whether answers depend on the value.
        public let answerDepends: Bool
        /// The variable of the environment whose value a replay puts back.
        public let secret: String?

        /// A place in requests and responses.
        public enum Place: Hashable, Sendable {
            /// The header of this name, in lower case.
            case header(String)
            /// The name in a query or form.
            case query(String)
            /// The place in JSON bodies; `*` stands for any one name or index.
            case pointer([String])
            /// Bodies that may hold what another rule names, and cannot be read.
            case unreadableBody
        }
    }

    init(
        session: Source?, trace: Source?, key: Source?, routes: [Route], slices: [Slice],
        redactions: [Redaction], retentionDays: Int?
    ) {
        self.session = session
        self.trace = trace
        self.key = key
        self.routes = routes
        self.slices = slices
        self.redactions = redactions
        self.retentionDays = retentionDays
    }
}
