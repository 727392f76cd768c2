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
        /// How the elements of an array at that very place are paired.
        public var pairing: ArrayPairing
        /// The line of the policy it stands on, when it came from one.
        public var line: Int?

        /// Makes a rule.
        public init(
            pointer: String, measure: Measure, pairing: ArrayPairing = .ordered, line: Int? = nil
        ) {
            self.pointer = pointer
            self.measure = measure
            self.pairing = pairing
            self.line = line
        }
    }

    /// A way to compare two values.
    public enum Measure: Hashable, Sendable {
        /// The same type and the same value; 1 and 1.0 are the same number.
        case exact
        /// Numbers that differ by no more than `absolute`, or than `relative` times the larger
        /// magnitude; either suffices. Bounds hold as in Python's `math.isclose`, but the distance of
        /// whole numbers of up to 38 digits is exact against `absolute`.
        case tolerance(absolute: Double?, relative: Double?)
        /// Numbers on the same side of every threshold; other values exactly.
        case decision(thresholds: [Double])
        /// Numbers at most so many representable values apart, as numbers of 32 or 64 bits (IEEE 754).
        case ulp(count: Int, bits: Int)
        /// Times at most so many nanoseconds apart: of RFC 3339, without an offset where both have none, or
        /// as HTTP writes them.
        case time(within: Int64)
        /// Two strings of that shape, whatever they say.
        case shape(Shape)
        /// Strings that are the same but for these aspects.
        case text(ignoring: [TextAspect])
        /// Arrays of numbers whose cosine similarity is at least this.
        case cosine(minimum: Double)
        /// Ranked arrays of which the first `top` share at least `overlap` of their elements (0 to 1),
        /// whatever their order. With `key`, a JSON Pointer, elements are told apart by what stands there.
        case rank(top: Int, overlap: Double, key: String?)
        /// Not compared; the reason is shown with the count of what it hid.
        case ignore(reason: String)
    }

    /// A form that strings may have.
    public enum Shape: String, Hashable, Sendable, CaseIterable {
        /// 8-4-4-4-12 hexadecimal digits (RFC 9562).
        case uuid
        /// A date and time with its offset (RFC 3339), without one, or as HTTP writes it; alike in both.
        case time
        /// Hexadecimal digits, as many in both.
        case hex
        /// Decimal digits.
        case digits
    }

    /// What of a text need not be the same.
    public enum TextAspect: String, Hashable, Sendable, CaseIterable {
        /// Capital and small letters.
        case `case`
        /// How much white space stands between words, and around the text.
        case space
    }

    /// How the elements of two arrays are paired.
    public enum ArrayPairing: Hashable, Sendable {
        /// By their index.
        case ordered
        /// By what stands at a JSON Pointer in each element, which must tell all of an array apart.
        case keyed(String)
        /// Each with any that is the same; the order says nothing.
        case multiset
    }

    /// The rules without the lines they stand on, which a comment may move.
    public var unlined: ComparisonRules {
        ComparisonRules(
            rules: rules.map {
                Rule(pointer: $0.pointer, measure: $0.measure, pairing: $0.pairing)
            })
    }
}
