/// The head of an HTTP/1.1 message: start line and header fields, as they were sent.
///
/// Holds the bytes once and where the fields lie in them; text is made only of what is asked for.
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

    /// Where a field's name starts and ends, and its value.
    struct Place: Hashable, Sendable {
        let nameStart: Int32, nameEnd: Int32, valueStart: Int32, valueEnd: Int32
    }

    private let bytes: [UInt8]
    private let startLineEnd: Int
    private let places: [Place]
    /// Which lengths the fields' names have, a bit for each up to 63 and beyond: most fields that are
    /// asked for are not there.
    private let nameLengths: UInt64

    init(bytes: [UInt8], startLineEnd: Int, places: [Place]) {
        self.bytes = bytes
        self.startLineEnd = startLineEnd
        self.places = places
        var lengths: UInt64 = 0
        for place in places { lengths |= Self.mark(Int(place.nameEnd - place.nameStart)) }
        nameLengths = lengths
    }

    private static func mark(_ length: Int) -> UInt64 { 1 << UInt64(min(length, 63)) }

    /// Whether a field of this name may be there.
    private func mayHave(_ name: String) -> Bool {
        nameLengths & Self.mark(name.utf8.count) != 0
    }

    /// The first line without its line break.
    public var startLine: String { String(decoding: bytes[..<startLineEnd], as: UTF8.self) }

    /// The fields in order.
    public var fields: [Field] {
        places.map { place in
            Field(name: text(place.nameStart, place.nameEnd), value: value(of: place))
        }
    }

    /// The first value of a field; names are compared without regard to case.
    public subscript(name: String) -> String? {
        guard mayHave(name) else { return nil }
        return places.first { isNamed(name, $0) }.map(value)
    }

    /// All values of a field, in order.
    public func values(of name: String) -> [String] {
        guard mayHave(name) else { return [] }
        var values: [String] = []
        for place in places where isNamed(name, place) { values.append(value(of: place)) }
        return values
    }

    /// The method of a request: the first word of its start line.
    public var method: String {
        let line = bytes[..<startLineEnd]
        return String(decoding: line.prefix { $0 != 0x20 }, as: UTF8.self)
    }

    /// The target of a request as it was sent; empty for a response.
    public var target: String {
        guard let words = requestWords else { return "" }
        return String(decoding: words.target, as: UTF8.self)
    }

    /// The path of a request's target, without its query.
    public var path: String {
        guard let words = requestWords else { return "" }
        return String(decoding: words.target.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
    }

    /// The status of a response; `nil` for a request.
    public var status: Int? {
        guard startLineEnd >= 12, bytes.starts(with: "HTTP/1.".utf8), bytes[8] == 0x20,
            startLineEnd == 12 || bytes[12] == 0x20
        else { return nil }
        var status = 0
        for byte in bytes[9..<12] {
            guard (0x30...0x39).contains(byte) else { return nil }
            status = status * 10 + Int(byte - 0x30)
        }
        return status >= 100 ? status : nil
    }

    /// Whether the message says that it is of HTTP/1.0.
    var isOld: Bool {
        let version = Array("HTTP/1.0".utf8)
        guard let words = requestWords else { return bytes.starts(with: version) }
        return words.version.elementsEqual(version)
    }

    /// Whether the head of a response says HTTP/1.0, so that a connection is not kept unless that is
    /// said too.
    public var isResponseOfHTTP10: Bool { bytes.starts(with: "HTTP/1.0".utf8) }

    /// Whether a field has the same values here as in another head, byte for byte and in the same
    /// order. Costs one pass over the fields of both; allocates nothing.
    public func hasSameValues(of name: String, as other: HTTPHead) -> Bool {
        guard mayHave(name) || other.mayHave(name) else { return true }
        var theirs = other.places[...]
        for place in places where isNamed(name, place) {
            guard let found = theirs.firstIndex(where: { other.isNamed(name, $0) }) else {
                return false
            }
            let match = theirs[found]
            theirs = theirs[(found + 1)...]
            let mine = bytes[Int(place.valueStart)..<Int(place.valueEnd)]
            guard
                mine.elementsEqual(other.bytes[Int(match.valueStart)..<Int(match.valueEnd)])
            else { return false }
        }
        return !theirs.contains { other.isNamed(name, $0) }
    }

    /// The three words of a request line of HTTP/1; `nil` for anything else.
    var requestWords:
        (method: ArraySlice<UInt8>, target: ArraySlice<UInt8>, version: ArraySlice<UInt8>)?
    {
        let words = bytes[..<startLineEnd].split(
            separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, !words[1].isEmpty,
            words[2].count == 8, words[2].starts(with: "HTTP/1.".utf8)
        else { return nil }
        return (words[0], words[1], words[2])
    }

    /// Whether a list field such as `Connection` holds a token, without regard to case.
    public func lists(_ token: String, in name: String) -> Bool {
        guard mayHave(name) else { return false }
        for place in places where isNamed(name, place) {
            let value = bytes[Int(place.valueStart)..<Int(place.valueEnd)]
            for part in value.split(separator: UInt8(ascii: ",")) {
                var word = part.drop { $0 == 0x20 || $0 == 0x09 }
                while let last = word.last, last == 0x20 || last == 0x09 { word.removeLast() }
                if Self.isEqual(word, token.utf8) { return true }
            }
        }
        return false
    }

    private func isNamed(_ name: String, _ place: Place) -> Bool {
        let wanted = name.utf8
        guard wanted.count == Int(place.nameEnd - place.nameStart) else { return false }
        return Self.isEqual(bytes[Int(place.nameStart)..<Int(place.nameEnd)], wanted)
    }

    private func value(of place: Place) -> String { text(place.valueStart, place.valueEnd) }

    private func text(_ start: Int32, _ end: Int32) -> String {
        String(decoding: bytes[Int(start)..<Int(end)], as: UTF8.self)
    }

    static func isEqual(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        left.elementsEqual(right) { lowered($0) == lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }
}
