/// What one exchange showed: one row of the outcome blob.
public struct ExchangeOutcome: Hashable, Sendable {
    /// The exchange's id in the capture.
    public var exchange: String
    /// The session, the unit of every interval; the exchange's id where there is none.
    public var session: String
    /// Method and route pattern, as in `POST /predict`.
    public var route: String
    /// Slice fields and their values.
    public var slices: [String: String]
    /// What each arm did, by arm name; the recorded arm included.
    public var arms: [String: ArmOutcome]
    /// Whether the recorded answer came from the baseline bundle, and so counts for identity.
    public var identity: IdentityStanding
    /// What a redaction took from what the service was given, as `/user/email` or `header
    /// authorization`; sorted.
    public var redacted: [String] = []
    /// Whether the recorded answer depends on some of that, so that no arm is held against it.
    public var isDependent = false
    /// Differences by comparison; a comparison that was made and found nothing has an empty list.
    public var differences: [Comparison: [Difference]]
    /// What confirmation said, for each differing path of `effect` that was looked at again.
    public var confirmations: [String: Confirmation]

    /// Makes a row.
    public init(
        exchange: String, session: String, route: String, slices: [String: String] = [:],
        arms: [String: ArmOutcome] = [:], identity: IdentityStanding = .unknownBundle,
        differences: [Comparison: [Difference]] = [:], confirmations: [String: Confirmation] = [:]
    ) {
        self.exchange = exchange
        self.session = session
        self.route = route
        self.slices = slices
        self.arms = arms
        self.identity = identity
        self.differences = differences
        self.confirmations = confirmations
    }

    /// How one arm ended one exchange.
    public struct ArmOutcome: Hashable, Sendable {
        /// The status code, when there was an answer.
        public var status: Int?
        /// Why there was none.
        public var failure: Failure?
        /// Egress calls of this exchange that no recording answered.
        public var unmatchedEgress: Int

        /// Makes an outcome.
        public init(status: Int? = nil, failure: Failure? = nil, unmatchedEgress: Int = 0) {
            self.status = status
            self.failure = failure
            self.unmatchedEgress = unmatchedEgress
        }

        /// Whether this arm failed: no answer, or a status of 500 and more.
        public var isError: Bool { failure != nil || (status ?? 0) >= 500 }
    }

    /// Why an arm gave no answer.
    public enum Failure: String, Hashable, Sendable, CaseIterable {
        case refused, crashed, timedOut = "timed-out", malformed, tooLarge = "too-large", closed
    }

    /// Two sets of answers that are compared.
    public enum Comparison: String, Hashable, Sendable, CaseIterable, Comparable {
        /// Baseline against recorded: does this machine reproduce production?
        case identity
        /// Repeat against baseline: how much differs when nothing changed?
        case noise
        /// Candidate against baseline (recorded, when there is no baseline).
        case effect
        /// Candidate against recorded, where a baseline exists; shown, never judged.
        case production

        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Who gave the recorded answer.
    public enum IdentityStanding: String, Hashable, Sendable, CaseIterable {
        case sameBundle = "same-bundle", otherBundle = "other-bundle", unknownBundle =
            "unknown-bundle"
    }

    /// What sending an exchange again to fresh processes showed about a differing path.
    public enum Confirmation: String, Hashable, Sendable, CaseIterable {
        /// The fresh processes of the two arms are separated: the change did it.
        case confirmed
        /// They are not: the difference belongs to the process, not to the change.
        case noise
        /// They may be: what was sent does not decide. Counts against being safe, and harms nobody.
        case unsettled
        /// Not sent again: the group's budget went to others.
        case notSent = "not-sent"
    }
}
