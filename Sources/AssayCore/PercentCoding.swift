/// Percent-encoding of URLs (RFC 3986, section 2.1).
public enum PercentCoding {
    /// Bytes with a percent sign and two capital digits for all but those that are kept: if nothing is said,
    /// what is unreserved.
    public static func encoded(
        _ bytes: some Sequence<UInt8>, keeping isKept: (UInt8) -> Bool = isUnreserved
    ) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount)
        for byte in bytes {
            if isKept(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return text
    }

    /// Bytes without their escapes; what is no escape stays. In forms and queries `+` is a space.
    public static func decoded(
        _ bytes: some Sequence<UInt8>, plusIsSpace: Bool = false
    ) -> [UInt8] {
        var text: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = rest[rest.startIndex].hexDigit,
                let low = rest[rest.startIndex + 1].hexDigit
            {
                text.append(UInt8(high << 4 | low))
                rest = rest.dropFirst(2)
            } else {
                text.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return text
    }

    /// A text with escapes for all that is not unreserved.
    public static func encoded(text: String) -> String {
        String(decoding: encoded(text.utf8), as: UTF8.self)
    }

    /// A text without its escapes.
    public static func decoded(text: some StringProtocol) -> String {
        String(decoding: decoded(text.utf8), as: UTF8.self)
    }

    /// Whether RFC 3986 (section 2.3) calls a byte unreserved.
    public static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
