public import AssayCore
public import AssayEvidence

/// All that a judgement depends on.
public struct JudgeInput: Sendable {
    /// Evidence of one capture with its rows.
    public struct Replayed: Sendable {
        /// The head document, its digest, and the rows.
        public let evidence: Evidence, digest: Digest, rows: [ExchangeOutcome]

        /// Makes it.
        public init(evidence: Evidence, digest: Digest, rows: [ExchangeOutcome]) {
            self.evidence = evidence
            self.digest = digest
            self.rows = rows
        }
    }

    /// The policy, where it was read, and the stage.
    public var policy: Policy, policySource: String, stage: Policy.Stage
    /// The service, the candidate and the baseline; no baseline is a first run.
    public var service: String, candidate: Digest, baseline: Digest?
    /// Components that changed, each with a line on how, and those that did not.
    public var changed: [String: String], unchanged: [String]
    /// What was replayed, by the capture's name in the policy.
    public var replays: [String: Replayed]
    /// The version of the tool and the seed.
    public var tool: String, seed: UInt64

    /// Makes an input.
    public init(
        policy: Policy, policySource: String, stage: Policy.Stage, service: String,
        candidate: Digest, baseline: Digest?, changed: [String: String], unchanged: [String],
        replays: [String: Replayed], tool: String, seed: UInt64
    ) {
        self.policy = policy
        self.policySource = policySource
        self.stage = stage
        self.service = service
        self.candidate = candidate
        self.baseline = baseline
        self.changed = changed
        self.unchanged = unchanged
        self.replays = replays
        self.tool = tool
        self.seed = seed
    }
}
