/// One answer of a service, as it is compared: transfer encoding undone, content encoding not.
public struct Answer: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields in their order, names as they were sent.
    public var headers: [(name: String, value: String)]
    /// The body without chunk framing, still in its content encoding.
    public var body: ArraySlice<UInt8>

    /// Makes an answer of a body that is part of something larger.
    public init(status: Int, headers: [(name: String, value: String)], body: ArraySlice<UInt8>) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Makes an answer.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.init(status: status, headers: headers, body: body[...])
    }

    /// The values of a header field, joined with `, ` where it stands several times (RFC 9110,
    /// section 5.3); `nil` where it does not. Costs one pass over the fields.
    public func header(_ name: String) -> String? {
        var joined: String?
        for field in headers where Self.same(field.name, name) {
            joined = joined.map { "\($0), \(field.value)" } ?? field.value
        }
        return joined
    }

    /// Whether two names of fields are the same, letters of either case alike (ASCII only).
    static func same(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return left.utf8.elementsEqual(right.utf8) { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
