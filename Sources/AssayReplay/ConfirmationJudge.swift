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

    private struct Trial {
        var subject: Int
        var path: String
        var isUnlikely: Bool
        var chance: Double
    }

    private let judge: AnswerJudge

    init(judge: AnswerJudge) {
        self.judge = judge
    }

    /// What confirmation says of each differing path of each exchange.
    ///
    /// A path is confirmed when the fresh processes of the two arms are separated there, and when
    /// its group shows that more often than chance would: of many exchanges whose values are noise,
    /// a few are separated by accident.
    func confirm(_ subjects: [Subject]) -> [String: [String: ExchangeOutcome.Confirmation]] {
        var groups: [DifferenceKey: [Trial]] = [:]
        for (index, subject) in subjects.enumerated() {
            let pairs = Pairs(subject.sides, judge: judge)
            for difference in subject.differences {
                let separation = pairs.separation(at: difference.path)
                let chance = Separation.chance(old: pairs.old, new: pairs.new)
                groups[DifferenceKey(route: subject.route, difference: difference), default: []]
                    .append(
                        Trial(
                            subject: index, path: difference.path,
                            isUnlikely: separation.isUnlikely(chance: chance), chance: chance))
            }
        }
        var said: [String: [String: ExchangeOutcome.Confirmation]] = [:]
        for trials in groups.values {
            let exchanges = Set(trials.map(\.subject))
            let hits = Set(trials.filter(\.isUnlikely).map(\.subject))
            let chance = trials.map(\.chance).max() ?? 1
            let isReal = Separation.exceedsChance(
                hits: hits.count, trials: exchanges.count, q: chance, level: max(0.01, chance))
            for trial in trials {
                said[subjects[trial.subject].exchange, default: [:]][trial.path] =
                    isReal && trial.isUnlikely ? .confirmed : .noise
            }
        }
        return said
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
