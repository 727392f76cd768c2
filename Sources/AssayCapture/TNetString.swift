import AssayCore

/// A value of the tnetstring format as mitmproxy writes it: `LENGTH:PAYLOAD` and a byte for the type;
/// `;` marks text and `,` bytes.
enum TNetString {
    case bytes([UInt8]), integer(Int), number(Double), flag(Bool), null
    case list([TNetString]), dictionary([String: TNetString])

    /// No value is larger, nor nested deeper.
    private static let maximumSize = 256 << 20, maximumDepth = 32

    /// Takes the next value; `nil` at the end. Throws `.damaged` with the byte offset.
    static func next(_ input: inout ImportBuffer) throws(AssayError) -> TNetString? {
        guard try input.fill(1) else {
            guard input.failure == nil else { throw input.damaged("cannot be read on") }
            return nil
        }
        _ = try input.fill(16)
        let digits = input.ahead.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty, digits.count <= 12,
            let length = Int(String(decoding: digits, as: UTF8.self)), length <= maximumSize,
            input.byte(at: digits.count) == UInt8(ascii: ":") || input.count == digits.count
        else { throw input.damaged("holds no flow") }
        let whole = digits.count + 1 + length + 1
        guard try input.fill(whole) else {
            throw input.damaged("is cut short in the flow that begins")
        }
        guard let value = read(input.ahead.prefix(whole), depth: 0) else {
            throw input.damaged("holds a flow that cannot be read")
        }
        input.advance(whole)
        return value
    }

    private static func read(_ whole: ArraySlice<UInt8>, depth: Int) -> TNetString? {
        guard depth < maximumDepth, let (payload, kind, rest) = split(whole), rest.isEmpty else {
            return nil
        }
        let text = { String(decoding: payload, as: UTF8.self) }
        switch kind {
        case UInt8(ascii: ","), UInt8(ascii: ";"): return .bytes(Array(payload))
        case UInt8(ascii: "#"): return Int(text()).map { .integer($0) }
        case UInt8(ascii: "^"): return Double(text()).map { .number($0) }
        case UInt8(ascii: "!"):
            return text() == "true" ? .flag(true) : text() == "false" ? .flag(false) : nil
        case UInt8(ascii: "~"): return payload.isEmpty ? .null : nil
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            var values: [TNetString] = []
            var rest = payload
            while !rest.isEmpty {
                guard let (inner, _, behind) = split(rest) else { return nil }
                let end = inner.endIndex + 1
                guard let value = read(rest[rest.startIndex..<end], depth: depth + 1) else {
                    return nil
                }
                values.append(value)
                rest = behind
            }
            return kind == UInt8(ascii: "]") ? .list(values) : dictionary(values)
        default: return nil
        }
    }

    private static func dictionary(_ values: [TNetString]) -> TNetString? {
        guard values.count.isMultiple(of: 2) else { return nil }
        var members: [String: TNetString] = [:]
        for index in stride(from: 0, to: values.count, by: 2) {
            guard let name = values[index].text else { return nil }
            members[name] = values[index + 1]
        }
        return .dictionary(members)
    }

    /// The payload and type of the value that begins here, and what follows it.
    private static func split(
        _ bytes: ArraySlice<UInt8>
    ) -> (payload: ArraySlice<UInt8>, kind: UInt8, rest: ArraySlice<UInt8>)? {
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        guard (1...12).contains(digits.count),
            let length = Int(String(decoding: digits, as: UTF8.self)),
            bytes.dropFirst(digits.count).first == UInt8(ascii: ":"),
            bytes.count >= digits.count + length + 2
        else { return nil }
        let start = digits.endIndex + 1
        let kind = bytes[start + length]
        return (bytes[start..<(start + length)], kind, bytes[(start + length + 1)...])
    }

    /// The member of a dictionary.
    subscript(name: String) -> TNetString? {
        guard case .dictionary(let members) = self else { return nil }
        return members[name]
    }

    var isDictionary: Bool {
        if case .dictionary = self { return true }
        return false
    }

    var bytes: [UInt8]? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes
    }

    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    var integer: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    var elements: [TNetString]? {
        guard case .list(let elements) = self else { return nil }
        return elements
    }
}
