import AssayCore

extension Exchange {
    /// What a redaction took from what the service was given, its request and the answers of its
    /// dependencies: `/user/email`, `header authorization`, `query token` in the target, `form token`,
    /// `address token` in another header, `address user`, `body`; sorted, each once.
    public var redactedInputs: [String] {
        guard !redacted.isEmpty else { return [] }
        return Set(redacted.compactMap(Self.input)).sorted()
    }

    private static func input(of place: String) -> String? {
        let rest: Substring
        if place.hasPrefix("request ") {
            rest = place.dropFirst(8)
        } else if place.hasPrefix("egress "), let word = place.firstRange(of: " response ") {
            rest = place[word.upperBound...]
        } else {
            return nil
        }
        return String(rest.hasPrefix("body /") ? rest.dropFirst(5) : rest)
    }
}

extension RedactionRules {
    /// Whether answers depend on an input of `Exchange.redactedInputs`, by what the rules say.
    public func answersDepend(on input: String) -> Bool {
        rules.contains { $0.answerDepends && $0.place.covers(input) }
    }

    /// The rule that takes an input of `Exchange.redactedInputs`: the first for that very place.
    public func rule(for input: String) -> Rule? {
        rules.first { $0.place.takes(input) }
    }

    /// Whether a replay puts a value back where an input of `Exchange.redactedInputs` was taken.
    public func putsBack(_ input: String) -> Bool {
        rules.contains { $0.secret != nil && $0.place.input == input }
    }
}

extension RedactionRules.Place {
    /// The place as `Exchange.redactedInputs` names it.
    fileprivate var input: String {
        if case .pointer(let tokens) = self { return JSONPointer.text(tokens) }
        return name
    }

    /// Whether an input is this place, in it, or holds it.
    ///
    /// Inputs are named as the rules that took them, so that a `*` in one stands for names that are not
    /// known; it is not taken for a name of this place. A body that was taken whole holds all places in
    /// bodies.
    fileprivate func covers(_ input: String) -> Bool {
        switch self {
        case .pointer(let tokens):
            if input == "body" { return true }
            guard let other = JSONPointer.tokens(input) else { return false }
            return zip(tokens, other).allSatisfy { $0 == $1 || $0 == "*" }
        case .query: return takes(input) || input == "body"
        case .header, .unreadableBody: return takes(input)
        }
    }

    /// Whether a rule for this place takes an input.
    fileprivate func takes(_ input: String) -> Bool {
        if input == self.input { return true }
        switch self {
        case .header("authorization"): return input == "address user"
        case .query(let name):
            let name = name.lowercased()
            return input == "form \(name)" || input == "address \(name)"
        case .header, .pointer, .unreadableBody: return false
        }
    }
}
