/// A table whose columns stand beneath each other.
public struct TextTable: Sendable {
    private let header: [String]
    private let rows: [[String]]
    private let rightAligned: Set<Int>

    /// Prepares a table; `rightAligned` names the columns of numbers.
    public init(header: [String], rows: [[String]], rightAligned: Set<Int> = []) {
        self.header = header
        self.rows = rows
        self.rightAligned = rightAligned
    }

    /// The header and the rows, without white space at their ends.
    public var lines: [String] {
        var widths = header.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.count)
            }
        }
        return ([header] + rows).map { row in
            let cells = row.enumerated().map { column, cell -> String in
                let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
                return rightAligned.contains(column) ? space + cell : cell + space
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
