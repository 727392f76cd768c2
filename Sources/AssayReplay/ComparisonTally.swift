import AssayComparison

/// What many comparisons hid, and what could not be compared as it should be.
struct ComparisonTally: Sendable {
    /// How many comparisons each rule hid or let pass, by pointer.
    private(set) var suppressed: [String: Int] = [:]
    /// Sentences; the first few.
    private(set) var notes: Set<String> = []

    static let noteLimit = 20

    /// Whether nothing was noted.
    var isEmpty: Bool { suppressed.isEmpty && notes.isEmpty }

    /// Adds one comparison.
    mutating func add(_ result: ComparisonResult) {
        for (pointer, count) in result.suppressed { suppressed[pointer, default: 0] += count }
        for note in result.notes { add(note: note) }
    }

    /// Adds a sentence.
    mutating func add(note: String) {
        if notes.count < Self.noteLimit { notes.insert(note) }
    }

    /// Adds those of another.
    mutating func add(_ other: ComparisonTally) {
        suppressed.merge(other.suppressed, uniquingKeysWith: +)
        for note in other.notes { add(note: note) }
    }
}
