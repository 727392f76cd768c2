public import AssayCore

/// What the gate says of a candidate: the same bytes for the same evidence and policy.
public struct Judgement: Hashable, Sendable {
    /// The three answers.
    public enum Decision: String, Hashable, Sendable, CaseIterable { case pass, blocked, hold }

    /// Evidence that was judged.
    public struct Source: Hashable, Sendable {
        /// The capture's name in the policy, and the evidence's digest.
        public var capture: String, digest: Digest
        /// Exchanges chosen and sessions among them.
        public var requests: Int, sessions: Int

        /// Makes a source.
        public init(capture: String, digest: Digest, requests: Int, sessions: Int) {
            self.capture = capture
            self.digest = digest
            self.requests = requests
            self.sessions = sessions
        }
    }

    /// The decision, and the sentence that sums it up.
    public var decision: Decision, headline: String
    /// The stage, the service, the bundle and the baseline's.
    public var stage: String, service: String, bundle: Digest, baseline: Digest?
    /// Whether this is the first bundle of the service, judged against production's own answers.
    public var isFirstRun: Bool
    /// Components that changed, each with a line on how, and those that did not.
    public var changed: [String: String], unchanged: [String]
    /// The policy: its digest and where it was read.
    public var policy: Digest, policySource: String
    /// The version of the tool and the seed of the replay.
    public var tool: String, seed: UInt64
    /// What was judged.
    public var evidence: [Source]
    /// The checks, in the policy's order.
    public var checks: [CheckResult]
    /// What was not looked at, as sentences.
    public var notChecked: [String]

    static let schema = "assay/judgement/v1"

    /// The canonical form.
    public var document: JSONValue {
        .object(present: [
            "schema": JSONValue(Self.schema), "decision": JSONValue(decision.rawValue),
            "headline": JSONValue(headline), "stage": JSONValue(stage),
            "service": JSONValue(service),
            "bundle": JSONValue(bundle), "baseline": baseline.map { JSONValue($0) },
            "firstRun": .bool(isFirstRun), "changed": JSONValue(changed),
            "unchanged": JSONValue(unchanged.sorted()),
            "policy": ["digest": JSONValue(policy), "source": JSONValue(policySource)],
            "tool": JSONValue(tool), "seed": JSONValue(String(seed)),
            "evidence": .array(
                evidence.map { source in
                    [
                        "capture": JSONValue(source.capture), "digest": JSONValue(source.digest),
                        "requests": JSONValue(source.requests),
                        "sessions": JSONValue(source.sessions),
                    ]
                }),
            "checks": .array(checks.map(\.document)), "notChecked": JSONValue(notChecked),
        ])
    }

    /// Reads the canonical form, strictly.
    public init(_ value: JSONValue, document: String) throws(AssayError) {
        let root = JSONReader(value, document: document)
        try root.allow(only: [
            "schema", "decision", "headline", "stage", "service", "bundle", "baseline", "firstRun",
            "changed", "unchanged", "policy", "tool", "seed", "evidence", "checks", "notChecked",
        ])
        guard try root["schema"].string() == Self.schema else {
            throw AssayError(.unsupported, "\(document) is of a schema this version does not know")
        }
        guard let decision = Decision(rawValue: try root["decision"].string()) else {
            throw root["decision"].mismatch("pass, blocked or hold")
        }
        guard let seed = UInt64(try root["seed"].string()) else {
            throw root["seed"].mismatch("a seed")
        }
        var sources: [Source] = []
        for item in try root["evidence"].elements() {
            sources.append(
                Source(
                    capture: try item["capture"].string(), digest: try item["digest"].digest(),
                    requests: try item["requests"].integer(),
                    sessions: try item["sessions"].integer()))
        }
        var checks: [CheckResult] = []
        for item in try root["checks"].elements() { checks.append(try CheckResult(item)) }
        self.init(
            decision: decision, headline: try root["headline"].string(),
            stage: try root["stage"].string(), service: try root["service"].string(),
            bundle: try root["bundle"].digest(), baseline: try root["baseline"].ifPresent?.digest(),
            isFirstRun: try root["firstRun"].bool(), changed: try root["changed"].stringMap(),
            unchanged: try root["unchanged"].strings(),
            policy: try root["policy"]["digest"].digest(),
            policySource: try root["policy"]["source"].string(), tool: try root["tool"].string(),
            seed: seed, evidence: sources, checks: checks,
            notChecked: try root["notChecked"].strings())
    }

    init(
        decision: Decision, headline: String, stage: String, service: String, bundle: Digest,
        baseline: Digest?, isFirstRun: Bool, changed: [String: String], unchanged: [String],
        policy: Digest, policySource: String, tool: String, seed: UInt64, evidence: [Source],
        checks: [CheckResult], notChecked: [String]
    ) {
        self.decision = decision
        self.headline = headline
        self.stage = stage
        self.service = service
        self.bundle = bundle
        self.baseline = baseline
        self.isFirstRun = isFirstRun
        self.changed = changed
        self.unchanged = unchanged
        self.policy = policy
        self.policySource = policySource
        self.tool = tool
        self.seed = seed
        self.evidence = evidence
        self.checks = checks
        self.notChecked = notChecked
    }
}
