import AssayCore
import AssayStatistics

/// A check's result while it is made: what was measured, before corrections and consequences.
struct CheckDraft {
    let check: Check
    /// An outcome that was settled without numbers, and why.
    var settled: (outcome: Outcome, reason: String)?
    var findings: [FindingDraft] = []
    var fields: [CheckResult.FieldCount] = []
    var details: [String] = []
    var examples: [String] = []
    var next: [String] = []
    var evidence: Digest?
    var shortfall: Shortfall?

    /// Requests that are too few, whatever they show.
    struct Shortfall {
        let need: Int, have: Int
    }

    init(check: Check) {
        self.check = check
    }

    /// Ends the check with an outcome that needs no numbers.
    mutating func settle(_ outcome: Outcome, _ reason: String) {
        settled = (outcome, reason)
    }
}

/// One number against one limit, before corrections.
struct FindingDraft {
    var finding: Finding
    /// The interval of what is held against the limit at any confidence; `nil` for a census.
    var interval: ((_ confidence: Double) -> Interval)?
    /// Whether harm was found after all corrections; for a census, by the count.
    var isHarm = false
    /// Whether the number is safely within the limit.
    var isSafe = false
    /// How many requests the count of a census leaves unknown.
    var unknown = 0
    /// What an undecided one does.
    var undecided: Check.Consequence
    /// Requests per independent unit, for `need`.
    var designEffect = 1.0
}

/// Words of numbers in reasons.
enum Words {
    /// A share as a percentage with about three significant digits, as in `0.05%`.
    static func percent(_ share: Double) -> String { "\(trimmed(share * 100))%" }

    /// The number with at most three significant digits after leading zeros.
    static func trimmed(_ number: Double) -> String {
        guard number.isFinite else { return number < 0 ? "-∞" : "∞" }
        let magnitude = number.magnitude
        let decimals =
            switch magnitude {
            case 100...: 0
            case 10..<100: 1
            case 1..<10: 2
            case 0.01..<1: 3
            default: 5
            }
        var text = number.fixed(decimals)
        if decimals > 0 {
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
        }
        return text == "-0" ? "0" : text
    }

    /// Up to `limit` of the words, then how many more there are.
    static func list(_ words: [String], limit: Int) -> String {
        let shown = words.prefix(limit).joined(separator: ", ")
        return words.count > limit ? "\(shown) and \(words.count - limit) more" : shown
    }
}
