/// Two answers next to each other, the lines that differ marked.
public struct SideBySide: Sendable {
    private let left: (title: String, text: String)
    private let right: (title: String, text: String)
    private let width: Int

    /// Prepares two texts under their titles; `width` is that of the terminal.
    public init(
        left: (title: String, text: String), right: (title: String, text: String), width: Int
    ) {
        self.left = left
        self.right = right
        self.width = max(40, width)
    }

    /// The lines: title, then both texts in two columns with `≠` between lines that differ.
    ///
    /// Lines are held against each other by their longest common subsequence, so that one that is
    /// missing on a side does not make all after it differ. Texts beyond 400 lines are cut.
    public var lines: [String] {
        let old = Self.cut(left.text)
        let new = Self.cut(right.text)
        let longest = ([left.title] + old).map(\.count).max() ?? 0
        let column = min(max(longest, 12), (width - 3) / 2)
        func row(_ a: String, _ mark: String, _ b: String) -> String {
            let cell = Self.fit(a, column)
            return cell + String(repeating: " ", count: column - cell.count) + " \(mark) "
                + Self.fit(b, column)
        }
        var rows = [row(left.title, " ", right.title)]
        for (a, b) in Self.align(old, new) {
            rows.append(row(a ?? "", a == b ? " " : "≠", b ?? ""))
        }
        return rows
    }

    private static func cut(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.map { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } ? $0 : "·" })
        }
        return lines.count <= 400
            ? lines : lines.prefix(400) + ["… \(lines.count - 400) more lines"]
    }

    private static func fit(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : text.prefix(width - 1) + "…"
    }

    private static func align(_ old: [String], _ new: [String]) -> [(String?, String?)] {
        var lengths = Array(
            repeating: Array(repeating: 0, count: new.count + 1), count: old.count + 1)
        for i in old.indices.reversed() {
            for j in new.indices.reversed() {
                lengths[i][j] =
                    old[i] == new[j]
                    ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
            }
        }
        var pairs: [(String?, String?)] = []
        var i = 0
        var j = 0
        while i < old.count || j < new.count {
            if i < old.count, j < new.count, old[i] == new[j] {
                pairs.append((old[i], new[j]))
                i += 1
                j += 1
                continue
            }
            // A run of differing lines is laid side by side.
            var removed: [String] = []
            var added: [String] = []
            while i < old.count || j < new.count {
                if i < old.count, j < new.count, old[i] == new[j] { break }
                if j >= new.count || (i < old.count && lengths[i + 1][j] >= lengths[i][j + 1]) {
                    removed.append(old[i])
                    i += 1
                } else {
                    added.append(new[j])
                    j += 1
                }
            }
            for index in 0..<max(removed.count, added.count) {
                pairs.append(
                    (
                        removed.indices.contains(index) ? removed[index] : nil,
                        added.indices.contains(index) ? added[index] : nil
                    ))
            }
        }
        return pairs
    }
}
