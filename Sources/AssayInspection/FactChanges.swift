import AssayCore

/// The differences of two maps of texts: settings, metadata.
struct FactChanges {
    /// One line a difference, sorted by key: `key: old → new`.
    let lines: [String]
    /// The same for programs: key, and `old` and `new` where there is one.
    let document: JSONValue

    init(_ old: [String: String], _ new: [String: String]) {
        var lines: [String] = []
        var entries: [JSONValue] = []
        let keys = Set(old.keys).union(new.keys).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        for key in keys where old[key] != new[key] {
            switch (old[key], new[key]) {
            case (let before?, let after?):
                lines.append("\(key): \(Self.short(before)) → \(Self.short(after))")
            case (nil, let after?): lines.append("\(key): added, \(Self.short(after))")
            case (let before?, nil): lines.append("\(key): removed, was \(Self.short(before))")
            case (nil, nil): break
            }
            entries.append(
                .object(present: [
                    "key": JSONValue(key), "old": old[key].map { JSONValue($0) },
                    "new": new[key].map { JSONValue($0) },
                ]))
        }
        self.lines = lines
        document = .array(entries)
    }

    /// Long values keep their ends; lists of features have thousands of letters.
    private static func short(_ text: String) -> String {
        guard text.count > 120 else { return text }
        return "\(text.prefix(60))… (\(text.count) characters, \(Digest(of: text.utf8).short))"
    }
}
