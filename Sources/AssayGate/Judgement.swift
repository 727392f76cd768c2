public import AssayCore

/// What the gate says of a candidate at a stage: decision, reasons and numbers, and no time.
///
/// The same policy, bundles, evidence and tool give the same bytes.
public struct Judgement: Hashable, Sendable {
    /// The grammar's name in the document.
    public static let schema = "assay/judgement/v1"

    /// The answer.
    public var decision: Decision
    /// The answer in one sentence, as people read it first.
    public var headline: String
    /// The stage and the service.
    public var stage: String, service: String
    /// The bundle that was judged, and the one it was compared with.
    public var candidate: Digest, baseline: Digest?
    /// Whether there was no baseline, so that production's recorded answers took its place.
    public var firstRun: Bool
    /// Components that differ from the baseline and those that do not, sorted.
    public var changed: [String], unchanged: [String]
    /// What changed in a component, in one line each.
    public var changes: [String: String]
    /// SHA-256 of the policy and the file it was read from.
    public var policy: Digest, policySource: String
    /// The version of the tool, and the seed of its resampling.
    public var tool: String, seed: UInt64
    /// The evidence that was used, in the order of the policy's captures.
    public var evidence: [EvidenceUse]
    /// Every check of the stage, in the order of the policy.
    public var checks: [CheckResult]
    /// What no check looked at: `routes`, `components`, `checks`.
    public var notChecked: [String: [String]]
    /// What a reader must know, as sentences.
    public var notes: [String]
    /// What to do next, most useful first.
    public var next: [String]

    /// The three answers of the gate.
    public enum Decision: String, Hashable, Sendable, CaseIterable {
        case pass, blocked, hold
    }

    /// One evidence that was used.
    public struct EvidenceUse: Hashable, Sendable {
        /// The capture's name in the policy and its ref.
        public var name: String, ref: String
        /// The evidence and the capture it is about.
        public var digest: Digest, capture: Digest
        /// Exchanges in the capture, those chosen, and the sessions of those.
        public var exchanges: Int, chosen: Int, sessions: Int
        /// Exchanges replayed, compared, errored, and with an egress call nobody answered.
        public var replayed: Int, compared: Int, errored: Int, unmatched: Int
        /// The file whose answers dependencies gave to calls that were not recorded; `nil` for none.
        public var supplied: Digest?
    }
}

/// How a check came out.
public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// The whole interval, or the count, is within the limit.
    case pass
    /// The whole interval, or the count, is beyond the limit.
    case fail
    /// Neither.
    case undecided
    /// There is no data.
    case missing
    /// The data says nothing about this check, as latency under a closed loop.
    case void
    /// Its condition does not hold, or there is nothing it could look at.
    case notApplicable = "not_applicable"
    /// Too many exchanges asked a dependency what no recording answers.
    case unmatched
    /// The evidence contradicts itself, or is about something else.
    case unusable
}

/// What an outcome does to the decision; later ones weigh more.
public enum Effect: String, Hashable, Sendable, CaseIterable, Comparable {
    case none, warn, hold, block

    public static func < (left: Effect, right: Effect) -> Bool { left.weight < right.weight }

    private var weight: Int {
        switch self {
        case .none: 0
        case .warn: 1
        case .hold: 2
        case .block: 3
        }
    }
}

/// One check's result: as bad as its worst finding.
public struct CheckResult: Hashable, Sendable {
    /// The check, its kind, its capture and the line of the policy it stands on.
    public var id: String, kind: String, capture: String?, line: Int
    /// How it came out, and what that does.
    public var outcome: Outcome, effect: Effect
    /// Why, in one sentence.
    public var reason: String
    /// What was measured: over all requests first, then by slice.
    public var findings: [Finding]
    /// Where answers differ, most frequent first, at most five.
    public var fields: [FieldCount]
    /// Further facts, a line each.
    public var details: [String]
    /// Exchanges that show it, by id in the capture; at most five.
    public var examples: [String]
    /// What to do next.
    public var next: [String]

    /// How many exchanges differ at a place.
    public struct FieldCount: Hashable, Sendable {
        /// The place, array indices starred; what kind of difference; how many exchanges.
        public var path: String, kind: String, count: Int
    }
}

/// One number against one limit.
public struct Finding: Hashable, Sendable {
    /// The slice, as in `carrier=HA`; `nil` for all requests.
    public var slice: String?
    /// How it came out, and what that does.
    public var outcome: Outcome, effect: Effect
    /// What the numbers below count.
    public var unit: Unit
    /// The baseline's number and the candidate's.
    public var baseline: Double?, candidate: Double?
    /// What is held against the limit, with its interval. An open end is `nil`.
    public var delta: Double?, lower: Double?, upper: Double?
    /// The two-sided confidence of the interval: of the level that decided.
    public var confidence: Double?
    /// The limit's direction, its number in `unit` and its text.
    public var direction: String, limit: Double, limitText: String
    /// Requests and sessions that the number rests on.
    public var requests: Int, sessions: Int
    /// Requests that show the event.
    public var count: Int?
    /// The share that differs when nothing changed.
    public var noise: Double?
    /// The p value of "beyond the limit", and the same after all corrections.
    public var p: Double?, pAdjusted: Double?
    /// How interval and p value were made.
    public var method: String
    /// Why it came out so, in one sentence.
    public var reason: String
    /// Requests needed to decide at 80 % power, when undecided.
    public var need: Int?
    /// Exchanges that show it; at most five.
    public var examples: [String]

    /// What a finding's numbers count.
    public enum Unit: String, Hashable, Sendable, CaseIterable {
        /// A share: 1 is 100 %.
        case share
        /// The difference of two shares.
        case points
        /// Nanoseconds.
        case time
        /// A relative change: 0.1 is 10 % more.
        case ratio
        /// Exchanges or cases.
        case count
    }
}
