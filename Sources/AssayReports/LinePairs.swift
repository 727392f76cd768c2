/// Lines of two texts, put beside each other.
struct LinePairs {
    private(set) var left: String?, right: String?
    /// The numbers of the lines.
    let leftLine: Int?, rightLine: Int?
    /// Whether the rules let pass what differs.
    private(set) var isTolerated = false

    init(_ left: (line: Int, text: String)?, _ right: (line: Int, text: String)?) {
        (self.left, leftLine) = (left?.text, left?.line)
        (self.right, rightLine) = (right?.text, right?.line)
    }

    var isEqual: Bool { left == right }

    /// How the pair is marked: `+` and `−` where only one side has a line, `≠` where both do, and `≈`
    /// where the rules let the difference pass.
    var mark: String {
        if isEqual || isTolerated && isEqualButForComma { return " " }
        return isTolerated ? "≈" : left == nil ? "+" : right == nil ? "−" : "≠"
    }

    /// Whether only a comma differs, as where a member follows on one side.
    private var isEqualButForComma: Bool {
        guard let left, let right else { return false }
        return left == right + "," || left + "," == right
    }

    /// The pair from a little before the place where its lines part, if that is beyond the width.
    func windowed(_ width: Int) -> LinePairs {
        guard let left, let right else { return self }
        let common = zip(left, right).prefix { $0 == $1 }.count
        guard common + 2 > width, width > 14 else { return self }
        let hidden = common - 12
        var shown = self
        shown.left = "…" + left.dropFirst(hidden)
        shown.right = "…" + right.dropFirst(hidden)
        return shown
    }

    /// A pair that is shown, or so many equal lines that are not.
    enum Part { case pair(LinePairs), equal(Int) }

    /// The pairs, with long runs of equal lines left out but for two on each side of what differs.
    static func folded(
        _ left: [String], _ right: [String], _ marks: ExampleMarks? = nil
    ) -> [Part] {
        var pairs = align(left, right)
        if let marks {
            for index in pairs.indices where !pairs[index].isEqual {
                let pair = pairs[index]
                pairs[index].isTolerated = !marks.isBeyond(pair.leftLine, pair.rightLine)
            }
        }
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
                    index < left.count ? (index, left[index]) : nil,
                    index < right.count ? (index, right[index]) : nil)
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
        var removed: [(line: Int, text: String)] = []
        var added: [(line: Int, text: String)] = []
        func flush() {
            for index in 0..<max(removed.count, added.count) {
                pairs.append(
                    LinePairs(
                        index < removed.count ? removed[index] : nil,
                        index < added.count ? added[index] : nil))
            }
            removed = []
            added = []
        }
        var row = 0
        var column = 0
        while row < left.count || column < right.count {
            if row < left.count, column < right.count, left[row] == right[column] {
                flush()
                pairs.append(LinePairs((row, left[row]), (column, right[column])))
                row += 1
                column += 1
            } else if column == right.count
                || row < left.count && lengths[row + 1][column] >= lengths[row][column + 1]
            {
                removed.append((row, left[row]))
                row += 1
            } else {
                added.append((column, right[column]))
                column += 1
            }
        }
        flush()
        return pairs
    }
}
