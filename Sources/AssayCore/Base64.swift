/// Base64 (RFC 4648, sections 4 and 5).
public enum Base64 {
    /// Encodes bytes, with padding.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: encoded(bytes), as: UTF8.self)
    }

    /// Decodes text of section 4, with or without padding; `nil` if it holds anything else.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var characters = Array(text.utf8)
        while characters.last == UInt8(ascii: "=") { characters.removeLast() }
        guard characters.allSatisfy({ values[Int($0)] < 64 && $0 != 0x2D && $0 != 0x5F }) else {
            return nil
        }
        return decoded(characters)
    }

    /// The bytes that a text of either alphabet stands for, with or without padding, white space passed
    /// over; `nil` if it is no base64.
    public static func decoded(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text {
            let value = values[Int(byte)]
            if value < 64 {
                guard padding == 0 else { return nil }
                bits = bits << 6 | UInt32(value)
                count += 1
                if count == 4 {
                    bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                    bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                    bytes.append(UInt8(truncatingIfNeeded: bits))
                    (bits, count) = (0, 0)
                }
            } else if byte == UInt8(ascii: "=") {
                padding += 1
            } else if ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                return nil
            }
        }
        switch count {
        case 0: return padding == 0 ? bytes : nil
        case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: return nil
        }
        return padding == 0 || padding == 4 - count ? bytes : nil
    }

    /// Bytes as base64 with padding, as bytes of ASCII.
    public static func encoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                text.append(alphabet[Int(bits >> 18 & 63)])
                text.append(alphabet[Int(bits >> 12 & 63)])
                text.append(alphabet[Int(bits >> 6 & 63)])
                text.append(alphabet[Int(bits & 63)])
                (bits, count) = (0, 0)
            }
        }
        if count > 0 {
            bits <<= UInt32(8 * (3 - count))
            for index in 0..<4 {
                let shift = UInt32(18 - 6 * index)
                text.append(
                    index <= count ? alphabet[Int(bits >> shift & 63)] : UInt8(ascii: "="))
            }
        }
        return text
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()
}
