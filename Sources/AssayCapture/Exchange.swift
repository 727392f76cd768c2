public import AssayCore

/// One request with the answer that production gave, and all that is known around it.
public struct Exchange: Hashable, Sendable {
    /// 16 hexadecimal digits, derived from content and time; unique within a capture.
    public var id: String
    /// The request and the response, byte for byte; the response is empty where none was recorded.
    public var request: [UInt8], response: [UInt8]
    /// When the request began, in nanoseconds since 1970.
    public var startedAt: Int64
    /// When the first and the last byte of the answer came, in nanoseconds after the start.
    public var firstByteAfter: Int64, endedAfter: Int64
    /// The user or device it belongs to, its trace and its business key, where rules name them.
    public var session: String?, trace: String?, key: String?
    /// Method and route pattern, as in `POST /predict`.
    public var route: String
    /// Slice fields and their values.
    public var slices: [String: String]
    /// What the service asked of others meanwhile.
    public var egress: [EgressCall]
    /// The truth that was learned later.
    public var label: String?
    /// The bundle that answered, where it is known.
    public var bundle: Digest?
    /// What was taken out or replaced before the exchange was kept, as `request header
    /// authorization`; sorted.
    public var redacted: [String] = []

    /// Whether production's answer is known.
    public var isAnswered: Bool { !response.isEmpty }

    /// Makes an exchange and derives its id.
    public init(
        request: [UInt8], response: [UInt8], startedAt: Int64, firstByteAfter: Int64,
        endedAfter: Int64, session: String? = nil, trace: String? = nil, key: String? = nil,
        route: String = "", slices: [String: String] = [:], egress: [EgressCall] = [],
        label: String? = nil, bundle: Digest? = nil
    ) {
        self.init(
            id: Self.deriveID(request: request, response: response, startedAt: startedAt),
            request: request, response: response, startedAt: startedAt,
            firstByteAfter: firstByteAfter, endedAfter: endedAfter)
        self.session = session
        self.trace = trace
        self.key = key
        self.route = route
        self.slices = slices
        self.egress = egress
        self.label = label
        self.bundle = bundle
    }

    /// Makes an exchange of which nothing more is known, with an id that is known already.
    init(
        id: String, request: [UInt8], response: [UInt8], startedAt: Int64,
        firstByteAfter: Int64 = 0, endedAfter: Int64 = 0
    ) {
        self.id = id
        self.request = request
        self.response = response
        self.startedAt = startedAt
        self.firstByteAfter = firstByteAfter
        self.endedAfter = endedAfter
        self.route = ""
        self.slices = [:]
        self.egress = []
    }

    /// Derives the id anew, after the bytes have changed.
    mutating func rename() {
        id = Self.deriveID(request: request, response: response, startedAt: startedAt)
    }

    /// The id without the ordinal that tells exchanges of equal bytes and time apart.
    public var derivedID: String { String(id.prefix { $0 != "." }) }

    /// The first 16 hexadecimal digits of SHA-256 over the start time (8 bytes, big-endian), the
    /// length of the request (8 bytes, big-endian), the request and the response.
    static func deriveID(request: [UInt8], response: [UInt8], startedAt: Int64) -> String {
        var hasher = SHA256Hasher()
        hasher.update(bigEndian(UInt64(bitPattern: startedAt)))
        hasher.update(bigEndian(UInt64(request.count)))
        hasher.update(request)
        hasher.update(response)
        return hasher.finish().hexPrefix
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }
}

/// One call that the service made to a dependency while it answered.
public struct EgressCall: Hashable, Sendable {
    /// The dependency's name in `assay.yaml`.
    public var name: String
    /// The call and its answer, byte for byte.
    public var request: [UInt8], response: [UInt8]
    /// When it began and ended, in nanoseconds after the exchange's start.
    public var startedAfter: Int64, endedAfter: Int64

    /// Makes a call.
    public init(
        name: String, request: [UInt8], response: [UInt8], startedAfter: Int64, endedAfter: Int64
    ) {
        self.name = name
        self.request = request
        self.response = response
        self.startedAfter = startedAfter
        self.endedAfter = endedAfter
    }
}
