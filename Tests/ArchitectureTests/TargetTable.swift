import AssayCore
import AssaySystem
import SystemPackage

/// The table of targets in Documentation/ARCHITECTURE.md: the one place that says which target uses
/// which.
struct TargetTable {
    /// One row; a row may stand for several targets.
    struct Row {
        let targets: [String]
        /// The targets of ours that it imports.
        let ours: Set<String>
        /// The modules of packages that it imports.
        let packages: Set<String>
    }

    let rows: [Row]

    /// What each target may import.
    var byTarget: [String: Row] {
        Dictionary(rows.flatMap { row in row.targets.map { ($0, row) } }) { first, _ in first }
    }

    /// Reads the table under `| target | purpose | imports of ours | imports of packages |`. A name in
    /// backquotes is whole; `Core` is short for `AssayCore`.
    init(document: String) throws {
        let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
        let titles = ["target", "purpose", "imports of ours", "imports of packages"]
        guard let head = lines.firstIndex(where: { Self.cells($0) == titles }) else {
            throw AssayError(.invalidDocument, "there is no table of targets")
        }
        rows = try lines[(head + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            let cells = Self.cells(line)
            guard cells.count == titles.count else {
                throw AssayError(.invalidDocument, "a row of other columns: \(line)")
            }
            return Row(
                targets: Self.names(cells[0]).map(Self.bare),
                ours: Set(
                    Self.names(cells[2]).map { $0.hasPrefix("`") ? Self.bare($0) : "Assay\($0)" }),
                packages: Set(Self.names(cells[3])))
        }
    }

    private static func cells(_ line: Substring) -> [String] {
        guard line.hasPrefix("|"), line.hasSuffix("|") else { return [] }
        return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
            .map { trimmed($0) }
    }

    private static func names(_ cell: String) -> [String] {
        cell == "–" ? [] : cell.split(separator: ",").map { trimmed($0) }
    }

    /// The name without its backquotes.
    private static func bare(_ name: String) -> String { String(name.dropFirst().dropLast()) }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
