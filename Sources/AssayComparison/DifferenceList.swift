import AssayEvidence

/// The differences of one pair of answers while they are found: bounded, and counted by rule.
struct DifferenceList {
    private(set) var differences: [Difference] = []
    /// Differences that others of their place stand for, and those that nothing stands for.
    private(set) var omitted = 0
    private var beyond = 0
    private var places: [String: Int] = [:]
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
    var count: Int { differences.count + omitted + beyond }

    /// Starts anew, to try something.
    mutating func forget() { self = DifferenceList(limits: limits) }

    /// Adds a sentence once.
    mutating func note(_ sentence: String) {
        if !notes.contains(sentence) { notes.append(sentence) }
    }

    /// Whether a difference at a place is to be built; if not, it is counted.
    ///
    /// Places that differ by array indices alone share `placeLimit`, so that a long array does not hide
    /// what differs behind it. What does not fit at all is told as one difference of the whole body.
    mutating func takes(_ path: String) -> Bool {
        if differences.count < Self.placeLimit { return true }
        if places.isEmpty {
            for difference in differences { places[difference.aggregatePath, default: 0] += 1 }
        }
        let place = Difference(path: path, kind: .value, old: nil, new: nil).aggregatePath
        let count = places[place, default: 0]
        if count >= Self.placeLimit {
            omitted += 1
            return false
        }
        if isFull {
            beyond += 1
            return false
        }
        places[place] = count + 1
        return true
    }

    /// How many differences are kept at places that differ by array indices alone.
    static let placeLimit = 100

    /// Keeps a difference, or counts it when there are too many.
    mutating func add(_ difference: Difference) {
        guard !isFull else {
            beyond += 1
            return
        }
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
        if omitted + beyond > 0 {
            result.notes.append(
                "\(omitted + beyond) more differences of this answer were counted, not kept")
        }
        if beyond > 0 {
            result.differences.append(
                Difference(
                    path: "body", kind: .value, old: nil,
                    new: "\(beyond) more differences, which were not kept"))
        }
        return result
    }
}
