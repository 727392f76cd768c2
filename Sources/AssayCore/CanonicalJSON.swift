/// Writes JSON in one form only, so that equal values have equal bytes and equal digests.
///
/// The form is RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by their
/// UTF-16 code units, strings escaped only where they must be, numbers as ECMAScript prints them.
/// It deviates in one thing: an `.integer` beyond 2⁵³ is written in full, where the RFC rounds it to
/// the nearest double, since times in nanoseconds are such numbers and must not change.
/// A number that JSON cannot express (NaN, an infinity) is a programming error in the caller: it is
/// written as a string, `"NaN"`, `"Infinity"` or `"-Infinity"`, and never silently as null.
public enum CanonicalJSON {
    /// Gives the canonical bytes of a value. Costs one pass, plus sorting the members.
    public static func encode(_ value: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return bytes
    }

    /// Appends the canonical bytes of a value.
    public static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let flag): bytes += (flag ? "true" : "false").utf8
        case .integer(let number): appendInteger(number, to: &bytes)
        case .double(let number): appendNumber(number, to: &bytes)
        case .string(let text): appendString(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, key) in sorted(members.keys).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendString(key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                append(members[key] ?? .null, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func sorted(_ keys: some Collection<String>) -> [String] {
        keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
    }

    /// Appends an integer in full. Allocates nothing.
    public static func appendInteger(_ number: Int64, to bytes: inout [UInt8]) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = number.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Appends a JSON string with the escapes of RFC 8785, section 3.2.2.2.
    public static func appendString(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        if isPlain {
            bytes += text.utf8
            return
        }
        let hex = Array("0123456789abcdef".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20:
                bytes += "\\u00".utf8
                bytes += [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
    }

    /// Appends a number as ECMAScript's Number::toString does (RFC 8785, section 3.2.2.3).
    static func appendNumber(_ number: Double, to bytes: inout [UInt8]) {
        guard number.isFinite else {
            appendString(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity", to: &bytes)
            return
        }
        if number == 0 {
            bytes.append(UInt8(ascii: "0"))
            return
        }
        // Swift's description is the shortest that reads back; only its layout differs.
        var digits: [UInt8] = []
        var exponent = 0
        var pointAt: Int?
        var text = Substring(number.magnitude.description)
        if let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            exponent = Int(text[text.index(after: mark)...]) ?? 0
            text = text[..<mark]
        }
        for character in text.utf8 {
            if character == UInt8(ascii: ".") {
                pointAt = digits.count
            } else {
                digits.append(character)
            }
        }
        var point = (pointAt ?? digits.count) + exponent
        let zero = UInt8(ascii: "0")
        while digits.first == zero, digits.count > 1 {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == zero, digits.count > 1 { digits.removeLast() }
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        layOut(digits: digits, point: point, to: &bytes)
    }

    private static func layOut(digits: [UInt8], point: Int, to bytes: inout [UInt8]) {
        let zero = UInt8(ascii: "0")
        let dot = UInt8(ascii: ".")
        if digits.count <= point, point <= 21 {
            bytes += digits
            bytes += Array(repeating: zero, count: point - digits.count)
        } else if 0 < point, point <= 21 {
            bytes += digits[..<point]
            bytes.append(dot)
            bytes += digits[point...]
        } else if -6 < point, point <= 0 {
            bytes += [zero, dot]
            bytes += Array(repeating: zero, count: -point)
            bytes += digits
        } else {
            bytes.append(digits[0])
            if digits.count > 1 {
                bytes.append(dot)
                bytes += digits[1...]
            }
            let exponent = point - 1
            bytes += "e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)".utf8
        }
    }
}
