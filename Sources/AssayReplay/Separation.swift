import Glibc

/// Whether values from fresh processes of two arms tell a change from noise.
///
/// Under no change the processes are exchangeable: which of them belong to which arm is arbitrary.
/// The exact permutation test takes as its statistic that no value of one arm equals a value of the
/// other; its p is the share of all splits of the processes into two arms of these sizes that keep
/// every class of equal values whole. Two arms that each agree with themselves have p = 2/252 with
/// five processes each; values that are never equal at all have p = 1, and so are noise.
struct Separation: Hashable, Sendable {
    /// Whether no value of one arm equals one of the other.
    var isSeparated: Bool
    /// The permutation test's p.
    var p: Double
    /// Whether all values of one arm are numbers above all of the other.
    var isRanked: Bool

    /// Judges `old` processes followed by `new` ones: `differ` says whether two of them do,
    /// `number` gives the value of one where it is a number.
    init(old: Int, new: Int, differ: (Int, Int) -> Bool, number: (Int) -> Double? = { _ in nil }) {
        let count = old + new
        var classes = Array(0..<count)
        for left in 0..<count {
            for right in left + 1..<max(count, left + 1) {
                if !differ(left, right) {
                    let (from, to) = (classes[right], classes[left])
                    for index in 0..<count where classes[index] == from { classes[index] = to }
                }
            }
        }
        let sizes = Dictionary(grouping: 0..<count) { classes[$0] }.values
        isSeparated =
            old > 0 && new > 0
            && sizes.allSatisfy { members in members.allSatisfy { ($0 < old) == (members[0] < old) }
            }
        p = isSeparated ? Self.share(of: sizes.map(\.count), choosing: old) : 1
        let lower = (0..<old).compactMap(number)
        let upper = (old..<count).compactMap(number)
        isRanked =
            isSeparated && lower.count == old && upper.count == new
            && (Self.all(lower, below: upper) || Self.all(upper, below: lower))
    }

    /// Whether chance alone would hardly show this: the test's p, or the order of the numbers, is
    /// as rare as `chance`.
    func isUnlikely(chance: Double) -> Bool {
        isSeparated && (p <= max(0.01, chance) || isRanked)
    }

    /// The chance that two arms of these sizes are told apart when nothing differs but order.
    static func chance(old: Int, new: Int) -> Double {
        min(1, 2 / binomial(old + new, old))
    }

    private static func all(_ left: [Double], below right: [Double]) -> Bool {
        guard let most = left.max(), let least = right.min() else { return false }
        return most < least
    }

    /// The share of the splits that choose `chosen` of all processes and split no class. With arms
    /// of one size each split is counted both ways, as the statistic has no direction.
    private static func share(of sizes: [Int], choosing chosen: Int) -> Double {
        let total = sizes.reduce(0, +)
        var ways = [Double](repeating: 0, count: total + 1)
        ways[0] = 1
        for size in sizes {
            for sum in stride(from: total, through: size, by: -1) { ways[sum] += ways[sum - size] }
        }
        return ways[chosen] / binomial(total, chosen)
    }

    /// The number of ways to choose `chosen` of `total`.
    static func binomial(_ total: Int, _ chosen: Int) -> Double {
        guard chosen >= 0, chosen <= total else { return 0 }
        return (0..<chosen).reduce(1.0) { $0 * Double(total - $1) / Double($1 + 1) }
    }

    /// Whether `hits` of `trials` are more than chance `q` explains: the upper tail of the binomial
    /// distribution is at most `level`.
    static func exceedsChance(hits: Int, trials: Int, q: Double, level: Double) -> Bool {
        guard hits > 0 else { return false }
        // With so few processes that chance always separates them, separation is all there is.
        guard q > 0, q < 1 else { return true }
        // P(X >= hits) = 1 - sum below; summed from the small end in logarithms.
        var tail = 0.0
        var term = logTerm(hits, trials, q)
        for count in hits...trials {
            tail += exp(term)
            guard count < trials else { break }
            term += log(Double(trials - count) / Double(count + 1)) + log(q / (1 - q))
        }
        return tail <= level
    }

    private static func logTerm(_ hits: Int, _ trials: Int, _ q: Double) -> Double {
        var sum = Double(hits) * log(q) + Double(trials - hits) * log(1 - q)
        for step in 0..<hits { sum += log(Double(trials - step) / Double(step + 1)) }
        return sum
    }
}
