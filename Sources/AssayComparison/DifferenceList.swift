import AssayEvidence

/// The differences of one pair of answers while they are found: bounded, and counted by rule.
struct DifferenceList {
    private(set) var differences: [Difference] = []
    private(set) var omitted = 0
    var notes: [String] = []
    private var suppressed: [Int32: Int] = [:]
    private var bytes = 0
    private let limits: ComparisonLimits

    init(limits: ComparisonLimits) {
        self.limits = limits
    }

    /// Whether no more differences are kept; then nobody need build one.
    var isFull: Bool {
        differences.count >= limits.differences || bytes >= limits.differenceBytes
    }

    /// All differences so far, kept or not.
    var count: Int { differences.count + omitted }

    /// Starts anew, to try something.
    mutating func forget() { self = DifferenceList(limits: limits) }

    /// Adds a sentence once.
    mutating func note(_ sentence: String) {
        if !notes.contains(sentence) { notes.append(sentence) }
    }

    /// Counts a difference that is not kept.
    mutating func omit() { omitted += 1 }

    /// Keeps a difference, or counts it when there are too many.
    mutating func add(_ difference: Difference) {
        guard !isFull else { return omit() }
        bytes += difference.path.utf8.count + (difference.old?.utf8.count ?? 0)
        bytes += difference.new?.utf8.count ?? 0
        differences.append(difference)
    }

    /// Counts a difference that a rule hid or let pass.
    mutating func suppress(by rule: Int32) {
        suppressed[rule, default: 0] += 1
    }

    /// The result, with the count of what was left out.
    func result(_ rules: CompiledRules) -> ComparisonResult {
        var result = ComparisonResult(differences: differences, notes: notes)
        for (rule, count) in suppressed where rule >= 0 {
            result.suppressed[rules.pointers[Int(rule)], default: 0] += count
        }
        if omitted > 0 {
            result.notes.append("\(omitted) more differences of this answer were counted, not kept")
        }
        return result
    }
}
