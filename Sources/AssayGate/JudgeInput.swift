public import AssayCore
public import AssayEvidence

/// All that a judgement depends on.
public struct JudgeInput: Sendable {
    /// The policy and the stage of it that is asked for.
    public var policy: Policy, stage: Stage
    /// The service.
    public var service: String
    /// The bundle to judge, and the promoted one; `nil` when nothing was promoted yet.
    public var candidate: Digest, baseline: Digest?
    /// Components that differ between the two; without a baseline all count as changed.
    public var changed: Set<String>
    /// What changed in a component, in one line each.
    public var changes: [String: String]
    /// Evidence by the capture's ref in the policy, as in `capture/core`.
    public var evidence: [String: CaptureEvidence]
    /// Refs of captures that do not exist in the store, as `bugs` before the first known bug.
    public var absentCaptures: Set<String>
    /// The version of the tool.
    public var tool: String

    /// Makes an input.
    public init(
        policy: Policy, stage: Stage, service: String, candidate: Digest, baseline: Digest?,
        changed: Set<String>, changes: [String: String] = [:],
        evidence: [String: CaptureEvidence], absentCaptures: Set<String> = [], tool: String
    ) {
        self.policy = policy
        self.stage = stage
        self.service = service
        self.candidate = candidate
        self.baseline = baseline
        self.changed = changed
        self.changes = changes
        self.evidence = evidence
        self.absentCaptures = absentCaptures
        self.tool = tool
    }

    /// What a replay of one capture found.
    public struct CaptureEvidence: Sendable {
        /// The head, its digest and the rows of its outcome blob.
        public var evidence: Evidence, digest: Digest, rows: [ExchangeOutcome]

        /// Makes the three one.
        public init(evidence: Evidence, digest: Digest, rows: [ExchangeOutcome]) {
            self.evidence = evidence
            self.digest = digest
            self.rows = rows
        }

        /// The rows in which the candidate can be held against the baseline, or, where there is none,
        /// against the recorded answer that takes its place; and how many those are not and why, `nil`
        /// if they are all.
        func comparable() -> (rows: [ExchangeOutcome], leftOut: String?) {
            var kept: [ExchangeOutcome] = []
            var others: [ExchangeOutcome] = []
            for row in rows {
                if row.isDependent, row.arms["baseline"] == nil {
                    others.append(row)
                } else {
                    kept.append(row)
                }
            }
            return (kept, evidence.redaction?.leftOut(of: others))
        }
    }
}
