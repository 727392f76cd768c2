/// One rule of the gate.
public struct Check: Hashable, Sendable {
    /// What kind of rule it is, with what only that kind has.
    public enum Kind: Hashable, Sendable {
        /// Does the promoted bundle, run here, give production's answers?
        case identity
        /// How many answers differ from the baseline's? `fields` are pointers; empty for all.
        case response(fields: [String])
        /// How many more exchanges fail?
        case errors
        /// How slow is it, at a quantile?
        case latency(quantile: Double)
        /// Does it get right what a bad bundle once got wrong?
        case knownBugs
        /// Are the environments of candidate and baseline alike?
        case environment(rules: [EnvironmentRule])

        /// The name in the file.
        public var name: String {
            switch self {
            case .identity: "identity"
            case .response: "response"
            case .errors: "errors"
            case .latency: "latency"
            case .knownBugs: "known_bugs"
            case .environment: "environment"
            }
        }
    }

    /// When a check applies, by what the bundle changes.
    public enum Condition: Hashable, Sendable {
        /// None of these components changed.
        case unchanged([String])
        /// At least one of these did.
        case changed([String])
    }

    /// Limits for each value of some slice fields.
    public struct Slices: Hashable, Sendable {
        /// The fields, and the limit of each slice.
        public let fields: [String], limit: Limit
    }

    /// Its name, kind, and the line of the file it begins on.
    public let id: String, kind: Kind, line: Int
    /// The capture it runs on; `nil` for one that needs none.
    public let capture: String?
    /// When it applies; `nil` for always.
    public let condition: Condition?
    /// What is allowed; `nil` where the kind has rules instead.
    public let limit: Limit?
    /// What is allowed of each slice.
    public let slices: Slices?
    /// What failing does, and what being undecided does.
    public let severity: Policy.Severity, undecided: Policy.Undecided
    /// What an undecided slice does.
    public let sliceUndecided: Policy.Undecided
    /// Whether a check without data fails; otherwise it holds.
    public let missingFails: Bool
    /// Whether a waiver may pass over it.
    public let isWaivable: Bool
}

/// How one fact of two environments must agree.
public struct EnvironmentRule: Hashable, Sendable {
    /// How much of a value must be equal.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        case exact, patch, minor, major, presence, ignore
    }

    /// A pattern of keys: `*` stands for anything, `{a,b}` for either.
    public let key: String
    /// How much must be equal.
    public let level: Level
}
