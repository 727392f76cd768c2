import AssayCore
import AssayEvidence

/// Counts what arms were told by a file of answers, and keeps the first calls that nothing answered.
struct EgressTally: Sendable {
    /// Calls of each arm that the file answered.
    private(set) var answered: [String: Int] = [:]
    /// The lines that were asked for.
    private(set) var used: Set<Int> = []
    /// Lines to write for calls that nothing answered: those that sort first.
    private(set) var misses: [String] = []

    /// How many of those are kept.
    static let missLimit = 5

    /// Counts what an exchange asked of the dependencies of an arm.
    mutating func add(_ summary: EgressBook.Summary, of arm: String) {
        for (line, count) in summary.supplied {
            answered[arm, default: 0] += count
            used.insert(line)
        }
        for ask in summary.missed { add(miss: ask.lineToWrite) }
    }

    /// Counts lines that were asked for outside all exchanges.
    mutating func add(used lines: some Sequence<Int>) { used.formUnion(lines) }

    /// Takes up what evidence of other exchanges has, of a file of these lines.
    ///
    /// Throws `.conflict` if it was made with other answers.
    mutating func add(
        _ part: Evidence, digest: Digest?, lines: [Int]
    ) throws(AssayError) {
        guard part.supplied?.digest == digest else {
            throw AssayError(
                .conflict,
                "evidence \(part.digest.short) was made with other answers of dependencies",
                hint: "give --egress-answers as it was given then")
        }
        if let supplied = part.supplied {
            answered.merge(supplied.answered) { $0 + $1 }
            used.formUnion(lines.filter { !supplied.isUnused(line: $0) })
        }
        for line in part.misses { add(miss: line) }
    }

    /// The lines that nobody asked for, those that follow each other joined.
    func unused(of lines: [Int]) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        var isOpen = false
        for line in lines {
            guard !used.contains(line) else {
                isOpen = false
                continue
            }
            if isOpen, let last = ranges.popLast() {
                ranges.append(last.lowerBound...line)
            } else {
                ranges.append(line...line)
            }
            isOpen = true
        }
        return ranges
    }

    private mutating func add(miss line: String) {
        guard !misses.contains(line) else { return }
        let place = misses.firstIndex { line.utf8.lexicographicallyPrecedes($0.utf8) }
        misses.insert(line, at: place ?? misses.count)
        if misses.count > Self.missLimit { misses.removeLast() }
    }
}
