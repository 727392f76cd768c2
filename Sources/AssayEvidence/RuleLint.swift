import AssayCore

/// Looks for comparison rules that do nothing, or too much, by the places that answers had.
public struct RuleLint: Sendable {
    let rules: [ComparisonRules.Rule]
    private let exchanges: Int
    private let places: AnswerPlaces
    /// Places of bodies with their tokens and values; a body without places has no tokens.
    let bodies: [(tokens: [String], values: Int)]

    /// From this share of all values on, a rule that ignores them is told.
    public static let broadShare = 0.5

    /// Makes a look at rules by places.
    public init(_ rules: ComparisonRules, places: AnswerPlaces) {
        self.rules = rules.rules
        self.places = places
        exchanges = places.exchanges
        bodies = (places.values ?? [:]).sorted { $0.key < $1.key }.compactMap { place, count in
            if place == "body" { return ([], count) }
            return JSONPointer.tokens(place).map { ($0, count) }
        }
    }

    /// What is odd, in a sentence for each rule in their order, then for each pair of rules of which
    /// each names places that the other does not; that it is not known where there were too many places
    /// to keep. Costs a look at each place for each rule, and for each such pair that is told.
    public var sentences: [String] {
        guard exchanges > 0, !rules.isEmpty else { return [] }
        guard let values = places.values else {
            return [
                "answers have more than \(grouped(AnswerPlaces.limit)) places: rules and fields that match "
                    + "nothing, or too much, were not looked for"
            ]
        }
        guard !values.isEmpty else { return [] }
        return rules.indices.compactMap { sentence($0) } + crossings
    }

    private func sentence(_ index: Int) -> String? {
        let rule = rules[index]
        if places.has(rule.pointer) == false || isUnseenHeader(rule.pointer) {
            let meant =
                places.suggestion(for: rule.pointer).map { "; did you mean `\($0)`?" } ?? ""
            return "rule `\(rule.pointer)` matched no answer of \(grouped(exchanges))\(meant)"
        }
        if let later = overruling(index) {
            return
                "rule `\(rule.pointer)` decides nothing: `\(later)`, which stands later, does at "
                + "every place it names"
        }
        return breadth(index)
    }

    private func isUnseenHeader(_ pointer: String) -> Bool {
        pointer.hasPrefix("header:") && pointer != "header:*"
            && places.values?[pointer.lowercased()] == nil
    }

    /// The tokens of a rule for bodies; `nil` for any other.
    func tokens(_ index: Int) -> [String]? {
        rules[index].pointer == "body" ? [] : JSONPointer.tokens(rules[index].pointer)
    }

    /// The last rule that decides at the places of this one, where this one decides nowhere.
    private func overruling(_ index: Int) -> String? {
        guard let own = tokens(index) else {
            let own = rules[index].pointer.lowercased()
            return rules[(index + 1)...].last { rule in
                let later = rule.pointer.lowercased()
                return later == own || later == "header:*" && own.hasPrefix("header:")
            }?.pointer
        }
        var last: String?
        for body in bodies where PlacePattern(own).mayCover(body.tokens) {
            let later = rules.indices.last { other in
                other > index && tokens(other).map { PlacePattern($0).covers(body.tokens) } == true
            }
            guard let later else { return nil }
            last = rules[later].pointer
        }
        // A rule that pairs an array's elements does that at its place, whatever holds beneath.
        return rules[index].pairing == .ordered ? last : nil
    }

    /// What an ignoring rule hides, when that is more than half of all.
    private func breadth(_ index: Int) -> String? {
        guard case .ignore = rules[index].measure, let own = tokens(index) else { return nil }
        var hidden = 0, all = 0
        for body in bodies {
            all += body.values
            let isLast =
                PlacePattern(own).covers(body.tokens)
                && !rules.indices.contains { other in
                    other > index
                        && tokens(other).map { PlacePattern($0).mayCover(body.tokens) } == true
                }
            if isLast { hidden += body.values }
        }
        guard all > 0, Double(hidden) > Self.broadShare * Double(all) else { return nil }
        let share = (100 * Double(hidden) / Double(all)).fixed(1)
        return "rule `\(rules[index].pointer)` ignores \(share) % of all values of the answers"
    }

    /// A number with a comma before each three digits.
    func grouped(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
