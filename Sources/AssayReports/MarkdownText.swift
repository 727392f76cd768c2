/// Text made safe for GitHub's Markdown.
enum MarkdownText {
    /// Escapes what Markdown and HTML read; a name after `@` and an address become plain text.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in SafeText.clean(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "|": escaped += "&#124;"
            // A space without width: GitHub looks for names and addresses in the rendered text.
            case "@": escaped += "@&#8203;"
            case "\\", "`", "*", "_", "[", "]", "~", "#", "!", "$": escaped += "\\\(scalar)"
            default: escaped.unicodeScalars.append(scalar)
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
