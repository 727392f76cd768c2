import AssayCore

extension Base64 {
    /// Decodes padded text; throws `.invalidDocument` for anything else.
    static func decode(_ text: String) throws(AssayError) -> [UInt8] {
        var bytes: [UInt8] = []
        var word: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "=") where digits % 4 >= 2:
                value = 0
                padding += 1
            default: throw AssayError(.invalidDocument, "a body is not in base64")
            }
            if padding > 0, byte != UInt8(ascii: "=") {
                throw AssayError(.invalidDocument, "a body in base64 goes on after its end")
            }
            word = word << 6 | UInt32(value)
            digits += 1
            if digits % 4 == 0 {
                bytes += [
                    UInt8(truncatingIfNeeded: word >> 16), UInt8(truncatingIfNeeded: word >> 8),
                    UInt8(truncatingIfNeeded: word),
                ]
                word = 0
            }
        }
        guard digits % 4 == 0, padding <= 2 else {
            throw AssayError(.invalidDocument, "a body in base64 is cut short")
        }
        return Array(bytes.dropLast(padding))
    }
}
