/// Pieces of answers in a form that can stand in a report.
enum Excerpt {
    /// How many bytes of a value are shown.
    static let limit = 200

    /// The text, at most `limit` bytes of valid UTF-8; what was cut ends in an ellipsis. Bytes that
    /// are not UTF-8 become U+FFFD.
    static func text(_ bytes: some Collection<UInt8>, limit: Int = limit) -> String {
        if bytes.count <= limit {
            let text = String(decoding: bytes, as: UTF8.self)
            if text.utf8.count <= limit { return text }
            return cut(text, limit: limit)
        }
        return cut(String(decoding: bytes.prefix(limit), as: UTF8.self), limit: limit)
    }

    /// Cuts between two scalars, leaving room for the ellipsis.
    private static func cut(_ text: String, limit: Int) -> String {
        let ellipsis = "…"
        let room = limit - ellipsis.utf8.count
        var kept = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars {
            length += UTF8.width(scalar)
            if length > room { break }
            kept.append(scalar)
        }
        if kept.last == "\u{FFFD}" { kept.removeLast() }
        return String(kept) + ellipsis
    }
}
