/// How two answers are compared: one rule for each place, the last that matches wins.
///
/// Places without a rule are compared exactly. This is `compare` of a policy, typed.
public struct ComparisonRules: Hashable, Sendable {
    /// The rules in the order in which they were written.
    public var rules: [Rule]

    /// Makes rules.
    public init(rules: [Rule] = []) {
        self.rules = rules
    }

    /// What one place allows.
    public struct Rule: Hashable, Sendable {
        /// A JSON Pointer in which `*` stands for any one key or index.
        public var pointer: String
        /// How values at that place, and beneath it, are compared.
        public var measure: Measure
        /// The line of the policy it stands on, when it came from one.
        public var line: Int?

        /// Makes a rule.
        public init(pointer: String, measure: Measure, line: Int? = nil) {
            self.pointer = pointer
            self.measure = measure
            self.line = line
        }
    }

    /// A way to compare two values.
    public enum Measure: Hashable, Sendable {
        /// The same type and the same value; 1 and 1.0 are the same number.
        case exact
        /// Numbers that differ by no more than `absolute`, or than `relative` times the larger
        /// magnitude; either suffices.
        case tolerance(absolute: Double?, relative: Double?)
        /// Numbers on the same side of every threshold; other values exactly.
        case decision(thresholds: [Double])
        /// Not compared; the reason is shown with the count of what it hid.
        case ignore(reason: String)
    }
}
