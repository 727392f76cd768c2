/// One rule of an environment check: a pattern of keys and how far two values must agree.
public struct EnvironmentRule: Hashable, Sendable {
    /// The pattern: `*` for any text, `{a,b}` for alternatives; the rest stands for itself.
    public var pattern: KeyPattern
    /// How far the two values must agree.
    public var level: Level
    /// The line of the policy it stands on.
    public var line: Int

    /// How far two values must agree. A name of a version's part asks for agreement down to it.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        /// Nothing is asked.
        case ignore
        /// Both sides have the key.
        case presence
        /// The same first number, as in 2.1.0 and 2.3.
        case major
        /// The same first two numbers.
        case minor
        /// The same first three numbers.
        case patch
        /// The same text.
        case exact

        /// Whether the two values agree as far as this level asks; `nil` for an absent key.
        func allows(_ left: String?, _ right: String?) -> Bool {
            if self == .ignore { return true }
            guard let left, let right else { return left == nil && right == nil }
            switch self {
            case .ignore, .presence: return true
            case .exact: return left == right
            case .major: return agree(left, right, parts: 1)
            case .minor: return agree(left, right, parts: 2)
            case .patch: return agree(left, right, parts: 3)
            }
        }

        /// Compares leading numbers; what has no number in front must be the same text.
        private func agree(_ left: String, _ right: String, parts: Int) -> Bool {
            if left == right { return true }
            guard let ones = Self.release(left), let twos = Self.release(right) else {
                return false
            }
            return (0..<parts).allSatisfy { index in
                (index < ones.count ? ones[index] : "0") == (index < twos.count ? twos[index] : "0")
            }
        }

        /// The numbers of a version's release, `1!2.10.3rc1+cpu` → 2, 10, 3; `nil` without any.
        private static func release(_ version: String) -> [String]? {
            var text = Substring(version)
            if let mark = text.firstIndex(of: "!") { text = text[text.index(after: mark)...] }
            if text.first == "v" { text = text.dropFirst() }
            var numbers: [String] = []
            while true {
                let digits = text.prefix { ("0"..."9").contains($0) }
                guard !digits.isEmpty else { break }
                let significant = digits.drop { $0 == "0" }
                numbers.append(significant.isEmpty ? "0" : String(significant))
                text = text.dropFirst(digits.count)
                guard text.first == "." else { break }
                text = text.dropFirst()
            }
            return numbers.isEmpty ? nil : numbers
        }
    }
}

/// A pattern of keys of an environment.
public struct KeyPattern: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    public let description: String
    /// The pattern with its alternatives written out.
    private let alternatives: [[Character]]

    /// Reads a pattern; `nil` for braces that do not match, more than 256 bytes or alternatives.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 256, let expanded = Self.expand(Array(text)),
            expanded.count <= 256
        else { return nil }
        description = text
        alternatives = expanded
    }

    /// Whether the whole key matches.
    public func matches(_ key: String) -> Bool {
        let key = Array(key)
        return alternatives.contains { Self.matches($0, key) }
    }

    private static func expand(_ pattern: [Character]) -> [[Character]]? {
        guard let open = pattern.firstIndex(of: "{") else {
            return pattern.contains("}") ? nil : [pattern]
        }
        guard let close = pattern.firstIndex(of: "}"), close > open else { return nil }
        let choices = pattern[(open + 1)..<close].split(
            separator: ",", omittingEmptySubsequences: false)
        guard !choices.contains(where: { $0.contains("{") }),
            let rests = expand(Array(pattern[(close + 1)...])), rests.count * choices.count <= 256
        else { return nil }
        return choices.flatMap { choice in rests.map { pattern[..<open] + choice + $0 } }
    }

    /// Greedy matching with one place to go back to: linear but for that.
    private static func matches(_ pattern: [Character], _ key: [Character]) -> Bool {
        var place = 0
        var index = 0
        var star: (place: Int, index: Int)?
        while index < key.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, index)
                place += 1
            } else if place < pattern.count, pattern[place] == key[index] {
                place += 1
                index += 1
            } else if let (back, from) = star {
                place = back + 1
                index = from + 1
                star = (back, from + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
