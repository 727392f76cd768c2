/// The head of an HTTP/1.1 message: start line and header fields, as they were sent.
public struct HTTPHead: Hashable, Sendable {
    /// One header field.
    public struct Field: Hashable, Sendable {
        /// The name as it was sent, and the value without white space around it.
        public let name: String, value: String

        /// Makes a field.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The first line without its line break.
    public let startLine: String
    /// The fields in order.
    public let fields: [Field]

    /// The first value of a field; names are compared without regard to case.
    public subscript(name: String) -> String? {
        let wanted = name.utf8
        return fields.first { Self.isEqual($0.name.utf8, wanted) }?.value
    }

    /// All values of a field, in order.
    public func values(of name: String) -> [String] {
        fields.filter { Self.isEqual($0.name.utf8, name.utf8) }.map(\.value)
    }

    /// The method of a request: the first word of its start line.
    public var method: String { String(startLine.prefix { $0 != " " }) }

    /// The target of a request as it was sent; empty for a response.
    public var target: String {
        let words = startLine.split(separator: " ", omittingEmptySubsequences: false)
        return words.count == 3 ? String(words[1]) : ""
    }

    /// The path of a request's target, without its query.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The status of a response; `nil` for a request.
    public var status: Int? {
        guard startLine.hasPrefix("HTTP/1.") else { return nil }
        let words = startLine.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[1].utf8.count == 3, let status = Int(words[1]), status >= 100
        else { return nil }
        return status
    }

    /// Whether a list field such as `Connection` holds a token, without regard to case.
    public func lists(_ token: String, in name: String) -> Bool {
        values(of: name).contains { value in
            value.split(separator: ",").contains { part in
                let word = part.drop { $0 == " " || $0 == "\t" }
                let end = word.lastIndex { $0 != " " && $0 != "\t" }
                return end.map { Self.isEqual(word[...$0].utf8, token.utf8) } ?? false
            }
        }
    }

    static func isEqual(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        left.elementsEqual(right) { lowered($0) == lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }

    init(startLine: String, fields: [Field]) {
        self.startLine = startLine
        self.fields = fields
    }
}
