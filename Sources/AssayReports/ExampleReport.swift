/// Lays one exchange out: the request, then the old and the new answer side by side.
///
/// The bodies are decoded text in lines, as a printer of JSON gives them. Lines that differ are
/// marked `≠`, `−` or `+`, or with `marks` `≈` where the rules let the difference pass; long runs of
/// equal ones are left out. Costs the product of the line counts, for at most 500 lines a side; longer
/// answers are compared line by line.
public func exampleSideBySide(
    request: [String], old: [String], new: [String], paths: [String],
    marks: ExampleMarks? = nil, style: TextStyle = TextStyle()
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
    for part in LinePairs.folded(old, new, marks) {
        switch part {
        case .pair(let pair) where pair.isEqual: lines.append(row(pair.left, " ", pair.right))
        case .pair(let pair):
            let shown = pair.windowed(half)
            let line = row(shown.left, pair.mark, shown.right)
            lines.append(pair.isTolerated ? line : style.paint(line, .yellow))
        case .equal(let count): lines.append("⋮ \(count) equal lines")
        }
    }
    return lines
}
