import AssayEvidence

/// Tells which differences of `effect` belong to the change and which to a process.
struct ConfirmationJudge {
    /// One exchange that was sent again.
    struct Subject {
        var exchange: String
        var route: String
        /// The differences that the main pass found.
        var differences: [Difference]
        var sides: ConfirmationAnswers.Sides
    }

    /// What confirmation says, and which exchanges more processes could settle.
    struct Outcome {
        var confirmations: [String: [String: ExchangeOutcome.Confirmation]] = [:]
        var unsettled: Set<String> = []
    }

    private struct Trial {
        var subject: Int
        var path: String
        var isUnlikely: Bool
        var chance: Double
        /// The chance of separation as clear as this, if it is separated.
        var p: Double
        /// Answers of all processes, and of the new ones, that are unlike most; `nil` where no
        /// answer is the most frequent.
        var odd: Instability.Count?
        /// Whether the old processes agree with each other.
        var isSteady: Bool
    }

    private let judge: AnswerJudge

    init(judge: AnswerJudge) {
        self.judge = judge
    }

    /// The chance of a false claim that is accepted in one group of like differences.
    static let level = 0.01
    /// The same for claims that only the new processes are unsteady, which cannot be seen exchange by
    /// exchange.
    static let unsteadyLevel = 0.001

    /// What confirmation says of each differing path of each exchange.
    ///
    /// A path is confirmed when the fresh processes of the two arms are separated there, and when
    /// that is no accident: by itself, with Bonferroni's correction for the exchanges of its group, or
    /// because its group shows it more often than chance would. Of many exchanges whose values are
    /// noise a few are separated by accident: a path that is separated in a group that is not is
    /// unsettled, and more processes tell. Where the old processes agree and the new ones, over the
    /// group, are odd ones out more often than chance allows, the noise itself is the change.
    func confirm(_ subjects: [Subject]) -> Outcome {
        var groups: [DifferenceKey: [Trial]] = [:]
        for (index, subject) in subjects.enumerated() {
            let pairs = Pairs(subject.sides, judge: judge)
            let chance = Separation.chance(old: pairs.old, new: pairs.new)
            for difference in subject.differences {
                let separation = pairs.separation(at: difference.path)
                let odd = pairs.odd(at: difference.path)
                groups[DifferenceKey(route: subject.route, difference: difference), default: []]
                    .append(
                        Trial(
                            subject: index, path: difference.path,
                            isUnlikely: separation.isUnlikely(chance: chance), chance: chance,
                            p: separation.isRanked ? min(chance, separation.p) : separation.p,
                            odd: odd, isSteady: pairs.isSteady(at: difference.path)))
            }
        }
        var outcome = Outcome()
        for trials in groups.values {
            for (trial, said) in zip(trials, judge(trials, groups: groups.count)) {
                let exchange = subjects[trial.subject].exchange
                outcome.confirmations[exchange, default: [:]][trial.path] = said
                if said == .unsettled { outcome.unsettled.insert(exchange) }
            }
        }
        return outcome
    }

    private func judge(_ trials: [Trial], groups: Int) -> [ExchangeOutcome.Confirmation] {
        let exchanges = Set(trials.map(\.subject)).count
        let hits = Set(trials.filter(\.isUnlikely).map(\.subject)).count
        let chance = trials.map(\.chance).max() ?? 1
        let isReal = Separation.exceedsChance(
            hits: hits, trials: exchanges, q: chance, level: max(Self.level, chance))
        // Over all exchanges of the group: to leave out those whose old processes differ would choose
        // by what is tested.
        let unsteady = Instability.p(of: trials.compactMap(\.odd)) * Double(groups)
        return trials.map { trial in
            if trial.isUnlikely {
                let alone = trial.p * Double(exchanges)
                return isReal || alone <= Self.level ? .confirmed : .unsettled
            }
            guard trial.isSteady else { return .noise }
            if unsteady <= Self.unsteadyLevel { return .confirmed }
            return unsteady <= Self.level ? .unsettled : .noise
        }
    }
}

/// All answers to one exchange, old processes first, compared with each other.
private struct Pairs {
    let old: Int, new: Int
    private var differences: [Int: [Difference]] = [:]

    init(_ sides: ConfirmationAnswers.Sides, judge: AnswerJudge) {
        old = sides.old.count
        new = sides.new.count
        let answers = sides.old + sides.new
        var tally = ComparisonTally()
        for left in answers.indices {
            for right in answers.indices where right > left {
                differences[left * answers.count + right] =
                    judge.differences(answers[left], answers[right], tally: &tally) ?? []
            }
        }
    }

    /// Whether the old processes agree with each other at a path.
    func isSteady(at path: String) -> Bool {
        let count = old + new
        return !differences.contains { pair, list in
            pair / count < old && pair % count < old && list.contains { $0.path == path }
        }
    }

    /// How many answers are unlike the most frequent one at a path; `nil` where none is.
    func odd(at path: String) -> Instability.Count? {
        let count = old + new
        var alike = [Int](repeating: 1, count: count)
        for (pair, list) in differences where !list.contains(where: { $0.path == path }) {
            alike[pair / count] += 1
            alike[pair % count] += 1
        }
        // An answer that more than half of all are like is like the most frequent one.
        guard let most = alike.max(), most * 2 > count else { return nil }
        let odd = (0..<count).filter { alike[$0] * 2 <= count }
        return Instability.Count(
            all: count, new: new, odd: odd.count, oddNew: odd.count { $0 >= old })
    }

    func separation(at path: String) -> Separation {
        let count = old + new
        var values: [Int: Double] = [:]
        var differing: Set<Int> = []
        for (pair, list) in differences {
            guard let found = list.first(where: { $0.path == path }) else { continue }
            differing.insert(pair)
            values[pair / count] = found.old.flatMap(Double.init)
            values[pair % count] = found.new.flatMap(Double.init)
        }
        return Separation(
            old: old, new: new,
            differ: { differing.contains(min($0, $1) * count + max($0, $1)) },
            number: { values[$0] })
    }
}
