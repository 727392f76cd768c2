/// Text made safe for GitHub's Markdown.
enum MarkdownText {
    /// Escapes what Markdown and HTML read; a name after `@` and an address become plain text.
    static func escape(_ text: String) -> String {
        let escaped = SafeText.clean(text) { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "|": "&#124;"
            // A space without width: GitHub looks for names and addresses in the rendered text.
            case "@": "@&#8203;"
            case "\\", "`", "*", "_", "[", "]", "~", "#", "!", "$": "\\\(scalar)"
            default: nil
            }
        }
        return escaped.replacing("://", with: ":&#8203;//").replacing("www.", with: "www&#8203;.")
    }

    /// A table of text; cells are escaped.
    static func table(header: [String], rows: [[String]]) -> String {
        func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
        return row(header.map(escape)) + row(header.map { _ in "---" })
            + rows.map { row($0.map(escape)) }.joined()
    }

    /// A block of code that nothing within can end.
    static func code(_ lines: [String], language: String) -> String {
        let safe = lines.map { SafeText.cut(SafeText.clean($0), to: 160) }
        var fence = "```"
        while safe.contains(where: { $0.contains(fence) }) { fence += "`" }
        return "\(fence)\(language)\n\(safe.map { $0 + "\n" }.joined())\(fence)\n"
    }
}
