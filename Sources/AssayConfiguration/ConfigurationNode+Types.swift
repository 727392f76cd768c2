public import AssayCore

extension ConfigurationNode {
    /// The text here, as it was written. Throws where nothing, a list or a mapping stands.
    public func text() throws(AssayError) -> String {
        guard case .text(let text, let isPlain) = content, !(isPlain && text.isEmpty) else {
            throw mismatch("text")
        }
        return text
    }

    /// The whole number here: decimal digits with an optional sign.
    public func integer() throws(AssayError) -> Int {
        guard case .text(let text, isPlain: true) = content, let number = Int(text) else {
            throw mismatch("a whole number")
        }
        return number
    }

    /// The finite number here, as in `0.5` or `1e-6`.
    public func number() throws(AssayError) -> Double {
        let digits: Set<Character> = Set("0123456789+-.eE")
        guard case .text(let text, isPlain: true) = content, text.allSatisfy(digits.contains),
            let number = Double(text), number.isFinite
        else { throw mismatch("a number") }
        return number
    }

    /// The boolean here: `true` or `false`, without quotes, and no other word.
    public func bool() throws(AssayError) -> Bool {
        switch content {
        case .text("true", isPlain: true): return true
        case .text("false", isPlain: true): return false
        default: throw mismatch("`true` or `false`")
        }
    }

    /// The elements of the list here.
    public func sequence() throws(AssayError) -> [ConfigurationNode] {
        guard case .list(let elements) = content else { throw mismatch("a list") }
        return elements
    }

    /// The elements of the list here, or the one text that stands here instead of a list.
    public func oneOrMore() throws(AssayError) -> [ConfigurationNode] {
        switch content {
        case .list(let elements): return elements
        case .text where !isEmpty: return [self]
        default: throw mismatch("text or a list of texts")
        }
    }

    /// The texts of the list here, or the one text that stands here instead of a list.
    public func texts() throws(AssayError) -> [String] {
        var texts: [String] = []
        for element in try oneOrMore() { texts.append(try element.text()) }
        return texts
    }

    /// The one of `choices` that stands here; the error names them and the nearest.
    public func choice(of choices: [String]) throws(AssayError) -> String {
        let text = try text()
        if choices.contains(text) { return text }
        let list = choices.map { "`\($0)`" }.joined(separator: ", ")
        let nearest = Suggestion.nearest(to: text, among: choices)
        throw failure(
            "\(name) is `\(text)`; it can be \(list)",
            hint: nearest.map { "did you mean `\($0)`?" })
    }
}
