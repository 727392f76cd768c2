import AssayCore

extension Exchange {
    /// What a redaction took from what the service was given, its request and the answers of its
    /// dependencies: `/user/email`, `header authorization`, `query token`, `body`, `address user`;
    /// sorted, each once.
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

    /// The first rule that takes an input of `Exchange.redactedInputs`.
    public func rule(for input: String) -> Rule? {
        rules.first { $0.place.covers(input) }
    }
}

extension RedactionRules.Place {
    /// Whether an input is this place, in it, or holds it.
    fileprivate func covers(_ input: String) -> Bool {
        switch self {
        case .pointer(let tokens):
            guard let other = JSONPointer.tokens(input) else { return false }
            return zip(tokens, other).allSatisfy { $0 == $1 || $0 == "*" || $1 == "*" }
        case .header("authorization"):
            return input == name || input == "address user"
        case .header, .query, .unreadableBody: return input == name
        }
    }
}
