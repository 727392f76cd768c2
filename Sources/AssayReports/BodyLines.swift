import AssayCore

/// The lines in which a body is shown.
public enum BodyLines {
    private static let rowBytes = 16
    private static let rowLimit = 32

    /// Lines of a text: JSON laid out with a member a line, JSON lines each so, any other text, as
    /// event streams and tables are, line by line.
    public static func text(_ body: String) -> [String] {
        if let lines = JSONLayout.lines(Array(body.utf8)) { return lines }
        var lines = body.split(omittingEmptySubsequences: false) { $0.isNewline }
            .map { String($0) }
        if lines.last == "" { lines.removeLast() }
        let documents = lines.filter { !$0.allSatisfy(\.isWhitespace) }
        guard documents.count > 1, documents.allSatisfy({ $0.first == "{" || $0.first == "[" })
        else { return lines }
        var laid: [String] = []
        for document in documents {
            guard let part = JSONLayout.lines(Array(document.utf8)) else { return lines }
            laid += part
        }
        return laid
    }

    /// Lines of bytes that are not text: how many, their digest, and the first 512 of them.
    public static func binary(_ bytes: [UInt8]) -> [String] {
        var lines = ["\(Numbers.grouped(bytes.count)) bytes, sha256 \(Digest(of: bytes).short)"]
        for start in stride(from: 0, to: bytes.count, by: rowBytes).prefix(rowLimit) {
            let row = bytes[start..<min(start + rowBytes, bytes.count)]
            let digits = row.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            let offset = String(start, radix: 16)
            let zeros = String(repeating: "0", count: max(0, 4 - offset.count))
            lines.append("\(zeros)\(offset)  \(digits.joined(separator: " "))")
        }
        let hidden = bytes.count - rowBytes * rowLimit
        if hidden > 0 { lines.append("⋮ \(Numbers.grouped(hidden)) more bytes") }
        return lines
    }
}
