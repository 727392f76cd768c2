/// Reads JSON strictly (RFC 8259) into a `JSONValue`: UTF-8 only, no duplicate members, bounded
/// depth, nothing after the value.
///
/// For documents of ours, which are small. Costs about one pass over the bytes.
public struct JSONParser {
    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var depth = 0

    /// How deep arrays and objects may nest.
    public static let maximumDepth = 128

    private init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// Parses a whole document. `file` names it in errors, which carry line and column.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> JSONValue {
        var parser = JSONParser(bytes, file: file)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == bytes.count else {
            throw parser.error("there is more after the end of the document")
        }
        return value
    }

    private mutating func value() throws(AssayError) -> JSONValue {
        guard position < bytes.count else { throw error("the document ends too early") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(AssayError) -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else {
            throw error("unexpected character")
        }
        position += text.utf8.count
        return value
    }

    private mutating func object() throws(AssayError) -> JSONValue {
        try enter()
        var members: [String: JSONValue] = [:]
        if try accept(UInt8(ascii: "}")) {
            depth -= 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw error("expected a member's name in quotes")
            }
            let start = position
            let key = try string()
            guard try accept(UInt8(ascii: ":")) else { throw error("expected a colon") }
            skipSpace()
            if members.updateValue(try value(), forKey: key) != nil {
                position = start
                throw error("member \"\(key)\" stands twice")
            }
            if try accept(UInt8(ascii: "}")) { break }
            guard try accept(UInt8(ascii: ",")) else { throw error("expected a comma or }") }
        }
        depth -= 1
        return .object(members)
    }

    private mutating func array() throws(AssayError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if try accept(UInt8(ascii: "]")) {
            depth -= 1
            return .array(elements)
        }
        while true {
            skipSpace()
            elements.append(try value())
            if try accept(UInt8(ascii: "]")) { break }
            guard try accept(UInt8(ascii: ",")) else { throw error("expected a comma or ]") }
        }
        depth -= 1
        return .array(elements)
    }

    private mutating func enter() throws(AssayError) {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw error("arrays and objects nest deeper than \(Self.maximumDepth)")
        }
        position += 1
    }

    /// Skips white space and takes `byte` if it is next.
    private mutating func accept(_ byte: UInt8) throws(AssayError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw error("the document ends too early") }
        guard bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func number() throws(AssayError) -> JSONValue {
        let start = position
        if peek() == UInt8(ascii: "-") { position += 1 }
        let whole = takeDigits()
        guard !whole.isEmpty else {
            position = start
            throw error("unexpected character")
        }
        guard whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0") else {
            throw error("a number has a leading zero")
        }
        var isWhole = true
        if peek() == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            guard !takeDigits().isEmpty else { throw error("digits are missing after the point") }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            guard !takeDigits().isEmpty else { throw error("digits are missing in the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, text != "-0", let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw error("number \(text.prefix(40)) does not fit a double")
        }
        return .double(value)
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func takeDigits() -> Range<Int> {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            position += 1
        }
        return start..<position
    }

    private mutating func string() throws(AssayError) -> String {
        position += 1
        let start = position
        while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"),
            byte >= 0x20
        {
            position += 1
        }
        if peek() == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try text(bytes[start..<position])
        }
        var unescaped = Array(bytes[start..<position])
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try text(unescaped[...])
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<0x20: throw error("a control character stands bare in a string")
            default:
                unescaped.append(byte)
                position += 1
            }
        }
        throw error("a string is not closed")
    }

    private func text(_ slice: ArraySlice<UInt8>) throws(AssayError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw error("a string is not valid UTF-8")
        }
        return text
    }

    private mutating func escape(into unescaped: inout [UInt8]) throws(AssayError) {
        position += 1
        guard let byte = peek() else { throw error("a string is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): unescaped += String(try unicodeEscape()).utf8
        default: throw error("unknown escape in a string")
        }
    }

    private mutating func unicodeEscape() throws(AssayError) -> Character {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(UInt32(first)) { return Character(scalar) }
        guard (0xD800..<0xDC00).contains(first), peek() == UInt8(ascii: "\\") else {
            throw error("a surrogate stands alone in a string")
        }
        position += 1
        guard peek() == UInt8(ascii: "u") else {
            throw error("a surrogate stands alone in a string")
        }
        position += 1
        let second = try codeUnit()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("a surrogate stands alone in a string") }
        return Character(scalar)
    }

    private mutating func codeUnit() throws(AssayError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("an escape is cut short") }
        let digits = bytes[position..<position + 4]
        let isHex = digits.allSatisfy {
            UInt8(ascii: "0") <= $0 && Character(Unicode.Scalar($0)).isHexDigit
        }
        guard isHex, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw error("an escape is not four hexadecimal digits")
        }
        position += 4
        return value
    }

    private mutating func skipSpace() {
        while let byte = peek(), Self.isSpace(byte) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private func error(_ message: String) -> AssayError {
        var line = 1
        var column = 1
        for byte in bytes[..<min(position, bytes.count)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        let location = SourceLocation(file: file, line: line, column: column)
        return AssayError(.invalidDocument, message, at: location)
    }
}
