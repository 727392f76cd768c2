import AssayCore

extension RuleLint {
    /// So many pairs are told; a policy that has more wants another look as a whole.
    static let toldCrossings = 10

    /// Pairs of rules that name some values together, while each names some that the other does not, as
    /// `/items/*/score` and `/items/0/*`: that the later one wins is easily overlooked there. A general
    /// rule before one for a part of its places is how exceptions are written, and says nothing.
    var crossings: [String] {
        var sentences: [String] = []
        let patterns = rules.indices.map { tokens($0).map(PlacePattern.init) }
        for (first, earlier) in patterns.enumerated() {
            guard let earlier else { continue }
            for (second, later) in patterns.enumerated().dropFirst(first + 1) {
                guard let later, earlier.crosses(later), !isSame(first, second),
                    let shared = sharedValues(earlier, later)
                else { continue }
                guard sentences.count < Self.toldCrossings else {
                    return sentences + ["more rules name values together; they are not listed"]
                }
                sentences.append(sentence(rules[first].pointer, rules[second].pointer, shared))
            }
        }
        return sentences
    }

    /// Whether two rules ask for the same, so that it does not matter which one decides.
    private func isSame(_ first: Int, _ second: Int) -> Bool {
        rules[first].measure == rules[second].measure
            && rules[first].pairing == rules[second].pairing
    }

    private func sentence(
        _ earlier: String, _ later: String, _ shared: (place: String, most: Int, isExact: Bool)
    ) -> String {
        "rules `\(earlier)` and `\(later)` both name \(shared.isExact ? "" : "up to ")"
            + "\(grouped(shared.most)) values, as at `\(shared.place)`: `\(later)` decides there, since it "
            + "stands later; write the rule that is to win last"
    }

    /// How many values both name at most, whether it is exactly so many, and the first such place; `nil`
    /// for none. Which elements of an array had values is not kept, so that a rule for one index may name
    /// any of them.
    private func sharedValues(
        _ first: PlacePattern, _ second: PlacePattern
    ) -> (place: String, most: Int, isExact: Bool)? {
        var shared: (place: String, most: Int, isExact: Bool)?
        for body in bodies where first.mayCover(body.tokens) && second.mayCover(body.tokens) {
            let isExact = first.covers(body.tokens) && second.covers(body.tokens)
            let place =
                shared?.place ?? body.tokens.map { "/" + JSONPointer.escape($0) }.joined()
            shared = (
                place, (shared?.most ?? 0) + body.values, (shared?.isExact ?? true) && isExact
            )
        }
        return shared
    }
}

extension PlacePattern {
    /// Whether two pointers name some places together, while each names some that the other does not.
    func crosses(_ other: PlacePattern) -> Bool {
        let meet = zip(tokens, other.tokens).allSatisfy { $0 == "*" || $1 == "*" || $0 == $1 }
        return meet && !covers(other.tokens) && !other.covers(tokens)
    }
}
