/// Lays one exchange out: the request, then the old and the new answer side by side.
///
/// The bodies are decoded text in lines, as a printer of JSON gives them. Lines that differ are
/// marked `≠`, `−` or `+`; long runs of equal ones are left out. Costs the product of the line
/// counts, for at most 500 lines a side; longer answers are compared line by line.
public func exampleSideBySide(
    request: [String], old: [String], new: [String], paths: [String],
    style: TextStyle = TextStyle()
) -> [String] {
    var lines: [String] = []
    if !paths.isEmpty {
        let places = SafeText.clean(paths.joined(separator: ", "))
        lines += Columns.wrap("differs at \(places)", width: style.width, indent: 2)
    }
    lines += request.prefix(12).map {
        "> " + SafeText.cut(SafeText.clean($0), to: style.width - 2)
    }
    if request.count > 12 { lines.append("> ⋮ \(request.count - 12) more lines") }
    let half = max(16, (style.width - 5) / 2)
    func row(_ left: String?, _ mark: String, _ right: String?) -> String {
        let shownLeft = SafeText.cut(SafeText.clean(left ?? ""), to: half)
        let shownRight = SafeText.cut(SafeText.clean(right ?? ""), to: half)
        let gap = String(repeating: " ", count: half - shownLeft.count)
        var line = "\(shownLeft)\(gap)  \(mark)  \(shownRight)"
        while line.last == " " { line.removeLast() }
        return line
    }
    lines.append(row("old", " ", "new"))
    let pairs = LinePairs.align(old, new)
    var index = 0
    while index < pairs.count {
        let run = pairs[index...].prefix { $0.isEqual }.count
        // Two equal lines are kept on each side of what differs.
        let before = index == 0 ? 0 : 2
        let after = index + run == pairs.count ? 0 : 2
        if run > before + after + 1 {
            lines += pairs[index..<(index + before)].map { row($0.left, " ", $0.right) }
            lines.append("⋮ \(run - before - after) equal lines")
            index += run - after
        }
        let end = min(pairs.count, index + (run > before + after + 1 ? after : run))
        lines += pairs[index..<end].map { row($0.left, " ", $0.right) }
        index = end
        while index < pairs.count, !pairs[index].isEqual {
            let pair = pairs[index]
            let mark = pair.left == nil ? "+" : pair.right == nil ? "−" : "≠"
            let line = row(pair.left, mark, pair.right)
            lines.append(style.paint(line, .yellow))
            index += 1
        }
    }
    return lines
}

/// Lines of two texts, put beside each other.
struct LinePairs {
    let left: String?, right: String?

    var isEqual: Bool { left == right }

    private static let limit = 500

    /// Pairs equal lines by their longest common subsequence, and what lies between in order.
    static func align(_ left: [String], _ right: [String]) -> [LinePairs] {
        guard left.count <= limit, right.count <= limit else {
            return (0..<max(left.count, right.count)).map { index in
                LinePairs(
                    left: index < left.count ? left[index] : nil,
                    right: index < right.count ? right[index] : nil)
            }
        }
        var lengths = Array(
            repeating: Array(repeating: 0, count: right.count + 1), count: left.count + 1)
        for row in left.indices.reversed() {
            for column in right.indices.reversed() {
                lengths[row][column] =
                    left[row] == right[column]
                    ? lengths[row + 1][column + 1] + 1
                    : max(lengths[row + 1][column], lengths[row][column + 1])
            }
        }
        var pairs: [LinePairs] = []
        var removed: [String] = []
        var added: [String] = []
        func flush() {
            for index in 0..<max(removed.count, added.count) {
                pairs.append(
                    LinePairs(
                        left: index < removed.count ? removed[index] : nil,
                        right: index < added.count ? added[index] : nil))
            }
            removed = []
            added = []
        }
        var row = 0
        var column = 0
        while row < left.count || column < right.count {
            if row < left.count, column < right.count, left[row] == right[column] {
                flush()
                pairs.append(LinePairs(left: left[row], right: right[column]))
                row += 1
                column += 1
            } else if column == right.count
                || row < left.count && lengths[row + 1][column] >= lengths[row][column + 1]
            {
                removed.append(left[row])
                row += 1
            } else {
                added.append(right[column])
                column += 1
            }
        }
        flush()
        return pairs
    }
}
