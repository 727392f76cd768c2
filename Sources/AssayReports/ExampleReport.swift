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
    for part in LinePairs.folded(old, new) {
        switch part {
        case .pair(let pair) where pair.isEqual: lines.append(row(pair.left, " ", pair.right))
        case .pair(let pair):
            let shown = pair.windowed(half)
            lines.append(style.paint(row(shown.left, pair.mark, shown.right), .yellow))
        case .equal(let count): lines.append("⋮ \(count) equal lines")
        }
    }
    return lines
}

/// Lines of two texts, put beside each other.
struct LinePairs {
    let left: String?, right: String?

    var isEqual: Bool { left == right }

    /// How the pair is marked: `+` and `−` where only one side has a line, `≠` where both do.
    var mark: String { isEqual ? " " : left == nil ? "+" : right == nil ? "−" : "≠" }

    /// The pair from a little before the place where its lines part, if that is beyond the width.
    func windowed(_ width: Int) -> LinePairs {
        guard let left, let right else { return self }
        let common = zip(left, right).prefix { $0 == $1 }.count
        guard common + 2 > width, width > 14 else { return self }
        let hidden = common - 12
        return LinePairs(left: "…" + left.dropFirst(hidden), right: "…" + right.dropFirst(hidden))
    }

    /// A pair that is shown, or so many equal lines that are not.
    enum Part { case pair(LinePairs), equal(Int) }

    /// The pairs, with long runs of equal lines left out but for two on each side of what differs.
    static func folded(_ left: [String], _ right: [String]) -> [Part] {
        let pairs = align(left, right)
        var parts: [Part] = []
        var index = 0
        while index < pairs.count {
            let run = pairs[index...].prefix { $0.isEqual }.count
            let before = index == 0 ? 0 : 2
            let after = index + run == pairs.count ? 0 : 2
            if run > before + after + 1 {
                parts += pairs[index..<(index + before)].map(Part.pair)
                parts.append(.equal(run - before - after))
                parts += pairs[(index + run - after)..<(index + run)].map(Part.pair)
            } else {
                parts += pairs[index..<(index + run)].map(Part.pair)
            }
            index += run
            while index < pairs.count, !pairs[index].isEqual {
                parts.append(.pair(pairs[index]))
                index += 1
            }
        }
        return parts
    }

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
