public import AssayEvidence

/// What comparing two answers gave.
public struct ComparisonResult: Hashable, Sendable {
    /// The differences beyond what the rules allow: status, headers, then the body in the order of
    /// the old document.
    public var differences: [Difference]
    /// How many differences each rule hid or let pass, by its pointer.
    public var suppressed: [String: Int]
    /// What could not be compared as it should be, as sentences.
    public var notes: [String]

    /// Makes a result; the empty one says that nothing differs.
    public init(
        differences: [Difference] = [], suppressed: [String: Int] = [:], notes: [String] = []
    ) {
        self.differences = differences
        self.suppressed = suppressed
        self.notes = notes
    }

    /// Whether the rules let the two answers pass as the same.
    public var isEqual: Bool { differences.isEmpty }
}
