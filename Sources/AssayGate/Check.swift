/// One rule of a policy.
public struct Check: Hashable, Sendable {
    /// Its name.
    public var id: String
    /// What it looks at.
    public var kind: Kind
    /// The line of the policy it stands on.
    public var line: Int
    /// The capture it looks at, by its name in `captures`; `nil` for the environment.
    public var capture: String?
    /// Which components must have moved, or not, for it to apply.
    public var condition: Condition?
    /// The places that count, as JSON Pointers in which `*` stands for any one; empty for all.
    public var fields: [String]
    /// The quantile of a latency check.
    public var quantile: Quantile?
    /// What is allowed; all of them hold at once.
    public var limits: [Limit]
    /// The slices that are looked at on their own.
    public var slices: SliceRule?
    /// The rules of an environment check; the last that matches a key wins.
    public var environment: [EnvironmentRule]
    /// Whether a failure blocks or only warns.
    public var severity: Severity
    /// What undecided, and what missing data, does.
    public var undecided: Consequence, missing: Consequence
    /// Whether a waiver may cover it.
    public var waivable: Bool

    /// What a check looks at.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case identity, response, errors, latency, environment
        case knownBugs = "known_bugs"
    }

    /// What a failure does.
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        case block, warn
    }

    /// What undecided or missing data does.
    public enum Consequence: String, Hashable, Sendable, CaseIterable {
        case hold, warn, pass, fail
    }

    /// The quantiles of latency.
    public enum Quantile: String, Hashable, Sendable, CaseIterable {
        case p50, p90, p99

        /// The share of answers below it.
        public var share: Double {
            switch self {
            case .p50: 0.5
            case .p90: 0.9
            case .p99: 0.99
            }
        }
    }

    /// `when`.
    public struct Condition: Hashable, Sendable {
        /// All of these must be unchanged.
        public var unchanged: [String]
        /// Any of these must have changed; empty asks for none.
        public var changed: [String]

        /// Why it does not hold, in words; `nil` when it does.
        func failure(changed components: Set<String>) -> String? {
            let moved = unchanged.filter(components.contains)
            if !moved.isEmpty { return "\(moved.joined(separator: ", ")) changed" }
            if !changed.isEmpty, !changed.contains(where: components.contains) {
                return "\(changed.joined(separator: ", ")) unchanged"
            }
            return nil
        }
    }

    /// `slices`.
    public struct SliceRule: Hashable, Sendable {
        /// The slice fields, each looked at on its own.
        public var by: [String]
        /// What is allowed in one slice.
        public var limits: [Limit]
        /// What an undecided slice does.
        public var undecided: Consequence
        /// Slices of fewer requests are pooled.
        public var minimumRequests: Int

        /// The size below which slices are pooled unless the policy says otherwise.
        public static let defaultMinimum = 30
    }
}

/// The components of a bundle that `when` may name.
public enum Component {
    /// Their names, sorted.
    public static let names = ["code", "data", "environment", "features", "serve", "weights"]
}
