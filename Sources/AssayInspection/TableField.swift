import AssayCore

/// What the bytes of one field of a table stand for.
enum TableField {
    case null
    case integer(Double)
    case real(Double)
    case boolean
    case text

    /// Reads a field that was not quoted. Numbers are as in C, without hexadecimal ones.
    init(_ bytes: UnsafeRawBufferPointer) {
        guard let first = unsafe bytes.first else {
            self = .null
            return
        }
        switch first {
        case 0x2B, 0x2D, 0x2E, 0x30...0x39: self = unsafe Self.number(bytes) ?? Self.word(bytes)
        default: self = unsafe Self.word(bytes)
        }
    }

    private static func word(_ bytes: UnsafeRawBufferPointer) -> TableField {
        guard bytes.count <= 5 else { return .text }
        switch String(decoding: bytes, as: UTF8.self) {
        case "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "NaT", "<NA>", "-nan": return .null
        case "true", "True", "TRUE", "false", "False", "FALSE": return .boolean
        case "inf", "+inf", "Inf": return .real(.infinity)
        case "-inf", "-Inf": return .real(-.infinity)
        default: return .text
        }
    }

    /// Reads a decimal number; plain short ones without the help of the library, exactly.
    private static func number(_ bytes: UnsafeRawBufferPointer) -> TableField? {
        var index = 0
        let isNegative = unsafe bytes[0] == 0x2D
        if unsafe bytes[0] == 0x2D || bytes[0] == 0x2B { index = 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        var decimals = 0
        var hasPoint = false
        while index < bytes.count {
            let byte = unsafe bytes[index]
            if byte >= 0x30, byte <= 0x39 {
                digits += 1
                if digits <= 19 { mantissa = mantissa &* 10 &+ UInt64(byte - 0x30) }
                if hasPoint { decimals += 1 }
            } else if byte == 0x2E, !hasPoint {
                hasPoint = true
            } else if byte | 0x20 == 0x65, digits > 0 {
                return unsafe slow(bytes).map(TableField.real)
            } else {
                return nil
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        // Both numbers are exact in a double, so that their quotient is rounded once.
        guard digits <= 15, decimals <= 22 else {
            return unsafe slow(bytes).map { hasPoint ? .real($0) : .integer($0) }
        }
        let value = Double(mantissa) / powers[decimals]
        return hasPoint ? .real(isNegative ? -value : value) : .integer(isNegative ? -value : value)
    }

    private static func slow(_ bytes: UnsafeRawBufferPointer) -> Double? {
        bytes.count <= 64 ? Double(String(decoding: bytes, as: UTF8.self)) : nil
    }

    private static let powers: [Double] = (0...22).map { exponent in
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }
}
