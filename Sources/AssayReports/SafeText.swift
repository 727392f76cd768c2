/// Text from services and captures, made safe for a terminal.
public enum SafeText {
    /// Writes control characters and those that reorder text as escapes.
    public static func clean(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var cleaned = ""
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                cleaned += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                cleaned.unicodeScalars.append(scalar)
            }
        }
        return cleaned
    }

    /// Writes such characters as escapes, and what a language reads as it is to be written there.
    static func clean(_ text: String, _ written: (Unicode.Scalar) -> String?) -> String {
        var escaped = ""
        for scalar in clean(text).unicodeScalars {
            if let other = written(scalar) {
                escaped += other
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2028, 0x2029,
            0x2066...0x2069:
            true
        default: false
        }
    }

    /// Cuts to a number of characters and marks the cut.
    static func cut(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        return width < 2 ? String(text.prefix(width)) : text.prefix(width - 1) + "…"
    }
}
