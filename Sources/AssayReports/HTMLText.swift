/// Text made safe for an HTML document, and elements around it.
enum HTMLText {
    /// Escapes what HTML reads, as content and inside quotes; control characters and those that
    /// reorder text are written out as in `SafeText`.
    static func escape(_ text: String) -> String {
        SafeText.clean(text) { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: nil
            }
        }
    }

    /// An element around text, which is escaped.
    static func element(_ name: String, _ text: String, class kind: String? = nil) -> String {
        raw(name, escape(text), class: kind)
    }

    /// An element around what is HTML already.
    static func raw(_ name: String, _ html: String, class kind: String? = nil) -> String {
        "<\(name)\(kind.map { " class=\"\($0)\"" } ?? "")>\(html)</\(name)>"
    }

    /// A table of text. Columns in `numbers` are aligned to the right; a header of "" has no text.
    static func table(
        header: [String], rows: [[String]], numbers: Set<Int> = [], class kind: String? = nil
    ) -> String {
        table(
            header: header, cells: rows.map { $0.map(escape) }, numbers: numbers, class: kind)
    }

    /// A table of cells that are HTML already.
    static func table(
        header: [String], cells rows: [[String]], numbers: Set<Int> = [], class kind: String? = nil
    ) -> String {
        func row(_ cells: [String], _ name: String) -> String {
            raw(
                "tr",
                cells.enumerated().map { column, cell in
                    raw(name, cell, class: numbers.contains(column) ? "n" : nil)
                }.joined())
        }
        let head = header.isEmpty ? "" : raw("thead", row(header.map(escape), "th"))
        let body = raw("tbody", rows.map { row($0, "td") }.joined(separator: "\n"))
        return raw("div", raw("table", head + body, class: kind), class: "wide") + "\n"
    }
}
