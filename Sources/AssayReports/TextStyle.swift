/// How text is shown: how wide, and whether in colour. Colour never carries meaning alone.
public struct TextStyle: Hashable, Sendable {
    /// Columns of the terminal; lines are kept within where that is possible.
    public var width: Int
    /// Whether escape sequences for colour are written.
    public var isColored: Bool

    /// Makes a style.
    public init(width: Int = 100, isColored: Bool = false) {
        self.width = max(40, width)
        self.isColored = isColored
    }

    enum Color: String {
        case red = "31", green = "32", yellow = "33", dim = "2"
    }

    func paint(_ text: String, _ color: Color) -> String {
        isColored ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}

/// Rows of cells, aligned.
enum Columns {
    /// Aligns cells to the left, two spaces apart. Where a line would be too wide, the column
    /// `flexible` is cut.
    static func align(_ rows: [[String]], width: Int, flexible: Int) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        var widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let used = widths.filter { $0 > 0 }
        let total = used.reduce(0, +) + 2 * max(0, used.count - 1)
        if total > width, flexible < count {
            widths[flexible] = max(8, widths[flexible] - (total - width))
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() where widths[column] > 0 {
                let shown = column == flexible ? SafeText.cut(cell, to: widths[column]) : cell
                if !line.isEmpty { line += "  " }
                line += shown + String(repeating: " ", count: max(0, widths[column] - shown.count))
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// Breaks a text at spaces into lines of at most `width`; the first is indented by `first`,
    /// later ones by `indent`.
    static func wrap(_ text: String, width: Int, first: Int = 0, indent: Int) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: first)
        var isFresh = true
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !isFresh, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent)
                isFresh = true
            }
            line += isFresh ? String(word) : " " + word
            isFresh = false
        }
        return lines + [line]
    }
}

/// Numbers for people.
enum Numbers {
    /// A whole number in groups of three, as in `18 204`; four digits stand together.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        guard digits.count > 4 else { return String(number) }
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += " " }
            text.append(digit)
        }
        return number < 0 ? "-\(text)" : text
    }
}
