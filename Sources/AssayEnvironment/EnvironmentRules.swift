import AssayConfiguration
public import AssayCore

/// How large a difference of each fact is allowed: the last rule whose pattern matches a key wins.
///
/// A fact that no rule matches must be equal: what nobody thought of is reported, never dropped.
public struct EnvironmentRules: Hashable, Sendable {
    /// What a rule allows.
    public enum Allowance: String, Hashable, Sendable, CaseIterable {
        /// Nothing: the values are the same text.
        case exact
        /// Another patch version: `1.2.3` and `1.2.9`.
        case patch
        /// Another minor version: `1.2.3` and `1.9.0`.
        case minor
        /// Another major version; but both are versions.
        case major
        /// Any value, if both have one.
        case presence
        /// Everything.
        case ignore
    }

    /// One rule.
    public struct Rule: Hashable, Sendable {
        /// Which keys it is for, as `package.*`.
        public let key: Glob
        /// What it allows.
        public let allowance: Allowance
    }

    /// The rules, in order.
    public let rules: [Rule]

    /// No rule: every fact must be equal.
    public static let none = EnvironmentRules(rules: [])
    /// The schema this version reads.
    public static let schema = "assay/env-rules/v1"

    /// Reads rules: `schema`, and `rules`, a list of `{key: PATTERN, allow: WORD}`.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> EnvironmentRules
    {
        let root = try ConfigurationDocument.parse(bytes, file: file)
            .mapping(allowing: ["schema", "rules"])
        let schema = try root.member("schema")
        guard try schema.text() == Self.schema else {
            throw schema.failure("the schema is not \(Self.schema), which this version reads")
        }
        var rules: [Rule] = []
        for element in try root.member("rules").sequence() {
            let fields = try element.mapping(allowing: ["key", "allow"])
            let word = try fields.member("allow").choice(of: Allowance.allCases.map(\.rawValue))
            rules.append(
                Rule(
                    key: Glob(try fields.member("key").text()),
                    allowance: Allowance(rawValue: word) ?? .exact))
        }
        return EnvironmentRules(rules: rules)
    }

    /// What is allowed of a fact.
    public func allowance(for key: String) -> Allowance {
        rules.last { $0.key.matches(key) }?.allowance ?? .exact
    }

    /// Whether two values of a fact are near enough.
    public func allows(_ key: String, _ old: String?, _ new: String?) -> Bool {
        if old == new { return true }
        let allowance = allowance(for: key)
        if allowance == .ignore { return true }
        guard let old, let new else { return false }
        switch allowance {
        case .exact: return false
        case .ignore, .presence: return true
        case .patch, .minor, .major:
            guard let a = Self.version(old), let b = Self.version(new) else { return false }
            let equal = allowance == .patch ? 2 : allowance == .minor ? 1 : 0
            return a.prefix(equal).elementsEqual(b.prefix(equal))
        }
    }

    /// Major, minor and patch of a version, zeros for what it does not say; `nil` if it begins with
    /// no number.
    private static func version(_ text: String) -> [Int]? {
        let bare = text.hasPrefix("v") ? text.dropFirst() : text[...]
        var numbers: [Int] = []
        for part in bare.split(separator: ".", omittingEmptySubsequences: false).prefix(3) {
            guard let number = Int(part.prefix { $0.isASCII && $0.isNumber }) else { break }
            numbers.append(number)
        }
        guard !numbers.isEmpty else { return nil }
        return numbers + [Int](repeating: 0, count: 3 - numbers.count)
    }
}
