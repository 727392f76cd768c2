import AssayCore

/// Reads INI files as Python's configparser does: sections, `key = value` or `key: value`, comments
/// with `#` or `;` at the start of a line, values that go on on indented lines.
public enum IniText {
    /// The values by `/section/key`; those before any section by `/key`. `nil` if a line is none of
    /// these.
    public static func read(_ text: String) -> [String: String]? {
        var map: [String: String] = [:]
        var section = ""
        var last: String?
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let bare = trimmed(line)
            if bare.isEmpty || bare.hasPrefix("#") || bare.hasPrefix(";") { continue }
            if line.first?.isWhitespace == true, let key = last, let value = map[key] {
                map[key] = value + "\n" + bare
                continue
            }
            if bare.hasPrefix("["), bare.hasSuffix("]") {
                section = "/" + JSONPointer.escape(String(bare.dropFirst().dropLast()))
                last = nil
                continue
            }
            let mark = bare.firstIndex { $0 == "=" || $0 == ":" }
            let name = trimmed(bare[..<(mark ?? bare.endIndex)])
            guard !name.isEmpty else { return nil }
            let key = "\(section)/\(JSONPointer.escape(name))"
            map[key] = mark.map { trimmed(bare[bare.index(after: $0)...]) } ?? ""
            last = key
        }
        return map
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    private static func trimmed(_ text: String) -> String { trimmed(text[...]) }
}
