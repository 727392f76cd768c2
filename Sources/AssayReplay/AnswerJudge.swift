import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence

/// Compares what two arms did with one exchange: their answers, and what they asked for them.
///
/// What rules hid on the way is counted in a tally.
struct AnswerJudge: Sendable {
    let comparer: AnswerComparer
    /// Counts the places of all answers.
    let places: PlaceCounter
    /// Lets one exchange with large answers be judged at a time: each takes many times its size.
    let turnstile = Turnstile()
    /// The headers that are compared; `nil` for all.
    let headers: [String]?
    private let observedHeaders: [String]

    /// Judges by a comparer.
    init(comparer: AnswerComparer) {
        self.comparer = comparer
        places = PlaceCounter(rules: comparer.rules, comparison: comparer.limits)
        headers = comparer.comparedHeaders
        observedHeaders = places.observedHeaders
    }

    /// The differences from `old` to `new`; `nil` when the two cannot be compared, because a
    /// dependency of one gave no recorded answer and so the answers say nothing.
    func differences(
        _ old: ArmAnswer, _ new: ArmAnswer, tally: inout ComparisonTally
    ) -> [Difference]? {
        let egress = Self.egressDifferences(old.egress, new.egress)
        if (old.egress?.unmatched ?? 0) + (new.egress?.unmatched ?? 0) > 0 {
            return egress.isEmpty ? nil : egress
        }
        if isEqual(old, new) { return egress }
        guard let left = old.answer, let right = new.answer else {
            let words = (Self.words(old), Self.words(new))
            let status = Difference(path: "status", kind: .status, old: words.0, new: words.1)
            return (words.0 == words.1 ? [] : [status]) + egress
        }
        let result = comparer.compare(left, right)
        tally.add(result)
        return result.differences + egress
    }

    /// Counts the places of the answers to one exchange, of equal ones those of the first. Throws
    /// `.limit` without memory for a parser.
    func observe(
        _ recorded: ArmAnswer, _ answers: ArmAnswers, areEqual: Bool
    ) throws(AssayError) {
        var distinct: [ArmAnswer] = []
        if recorded.message != nil { distinct.append(recorded) }
        if distinct.isEmpty || !areEqual {
            for (_, answer) in answers.all
            where answer.message != nil && !distinct.contains(where: { isEqual($0, answer) }) {
                distinct.append(answer)
                if areEqual { break }
            }
        }
        try places.observe(distinct.compactMap(observed))
    }

    /// An answer with those headers alone that are observed.
    private func observed(_ answer: ArmAnswer) -> Answer? {
        guard let message = answer.message, let status = answer.status else { return nil }
        var headers: [(name: String, value: String)] = []
        for name in observedHeaders {
            for value in message.head.values(of: name) { headers.append((name, value)) }
        }
        return Answer(status: status, headers: headers, body: message.body)
    }

    /// Whether all that a comparison looks at is the same, byte for byte. Nothing is parsed or copied.
    private func isEqual(_ old: ArmAnswer, _ new: ArmAnswer) -> Bool {
        guard let left = old.message, let right = new.message, old.status == new.status,
            let headers, left.hasSameBodyBytes(as: right)
        else { return false }
        return headers.allSatisfy { left.head.hasSameValues(of: $0, as: right.head) }
    }

    private static func words(_ side: ArmAnswer) -> String {
        if let status = side.status { return String(status) }
        return "no answer (\(side.failure?.rawValue ?? "not recorded"))"
    }

    private static func egressDifferences(
        _ old: EgressBook.Summary?, _ new: EgressBook.Summary?
    ) -> [Difference] {
        guard let old, let new, old.asked != new.asked else { return [] }
        let gone = old.asked.subtracting(new.asked)
        let added = new.asked.subtracting(old.asked)
        return Set((gone.union(added)).map(\.name)).sorted().map { name in
            Difference(
                path: "egress:\(name)", kind: .egress, old: lines(gone, name: name),
                new: lines(added, name: name))
        }
    }

    /// The asks of one dependency, cut at 200 bytes; a body is named by its digest where the same
    /// target is asked with another one.
    private static func lines(_ asks: Set<EgressAsk>, name: String) -> String? {
        let lines = asks.filter { $0.name == name }.map { ask in
            ask.method == "GET" ? ask.line : "\(ask.line) body \(ask.body.short)"
        }
        guard !lines.isEmpty else { return nil }
        var text = ""
        for character in lines.sorted().joined(separator: ", ") {
            guard text.utf8.count + character.utf8.count <= 200 else { break }
            text.append(character)
        }
        return text
    }
}
