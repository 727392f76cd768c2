public import AssayCore
public import AssayEvidence
public import AssayGate

/// A policy, evidence and inputs to try the judge with.
public enum JudgeFixtures {
    /// A policy with a check of most kinds.
    public static let policyText = """
        schema: assay/gate/v1
        compare: {/score: {abs: 1e-6}, /decision: exact, /request_id: {ignore: "random id"}}
        baseline: {resolve: stage/prod, if_missing: first_run}
        captures:
          core: {ref: capture/core, min_requests: 100, max_age: 30d}
          bugs: {ref: bugs}
        stats: {confidence: 95%, resample: {unit: session, reps: 300, seed: 1}}
        defaults: {severity: block, undecided: hold, missing: fail, waivable: true}
        slice_defaults: {undecided: warn}
        checks:
          - {id: identity, kind: identity, on: core, limit: {max: 1.5%}}
          - id: env.parity
            kind: environment
            between: [candidate, stage/prod]
            rules: [{key: "package.*", level: minor}, {key: "package.{numpy,lightgbm}", level: exact}]
          - {id: same.answers, kind: response, on: core, when: {unchanged: [weights, features, data]}, limit: {max: 0 requests}, waivable: false}
          - {id: flips, kind: response, on: core, when: {changed: [weights]}, fields: {/decision: exact}, limit: {max: 2%}, slices: {by: [carrier], limit: {max: 10%}}}
          - {id: latency, kind: latency, on: core, measure: p99, limit: {max: 80ms, max_increase: 10%}}
          - {id: errors, kind: errors, on: core, limit: {max_increase: 2pp}}
          - {id: bugs, kind: known_bugs, on: bugs, limit: {max: 0 cases}, waivable: false}
        stages:
          - {name: dev, from: any, undecided: pass, sample: 50 requests, checks: [identity, env.parity, same.answers, bugs]}
          - {name: staging, from: dev, checks: all}
          - {name: prod, from: staging, checks: all, evidence_max_age: 7d, soak: 24h, approvals: {count: 1, not_author: true}, freeze: ["Fri 16:00/Mon 07:00 Europe/Berlin"]}
        break_glass: {requires: [reason, ticket], expires: 24h, never_skips: [same.answers, bugs]}
        """

    /// A policy of a text.
    public static func policy(_ text: String = policyText) throws -> Policy {
        try Policy.parse(Array(text.utf8), file: "gate.yaml")
    }

    /// Ids of bundles.
    public static let candidate = Digest(of: Array("candidate".utf8))
    public static let baseline = Digest(of: Array("baseline".utf8))

    /// Rows that agree everywhere: `sessions` of `each` requests.
    public static func rows(sessions: Int, each: Int = 5) -> [ExchangeOutcome] {
        (0..<sessions).flatMap { session in
            (0..<each).map { index in
                let id = String(1_000_000 + session * 100 + index)
                let answered = ExchangeOutcome.ArmOutcome(status: 200)
                return ExchangeOutcome(
                    exchange: id, session: "s\(session)", route: "POST /predict",
                    slices: ["carrier": ["AA", "DL", "UA"][session % 3]],
                    arms: [
                        "recorded": answered, "baseline": answered, "repeat": answered,
                        "candidate": answered,
                    ], identity: .sameBundle,
                    differences: [.identity: [], .noise: [], .effect: [], .production: []])
            }
        }
    }

    /// Makes a row's candidate differ from its baseline.
    public static func differ(
        _ row: inout ExchangeOutcome, at path: String = "/decision",
        kind: Difference.Kind = .decision,
        _ confirmation: ExchangeOutcome.Confirmation = .confirmed
    ) {
        row.differences[.effect, default: []].append(
            Difference(path: path, kind: kind, old: "\"ok\"", new: "\"late\""))
        row.confirmations[path] = confirmation
    }

    /// Evidence of rows.
    public static func evidence(
        _ rows: [ExchangeOutcome], policy: Policy, isFirstRun: Bool = false,
        void: String? = nil, candidateEnvironment: [String: String]? = nil
    ) -> JudgeInput.CaptureEvidence {
        let environment = [
            "package.numpy": "2.1.0", "package.pandas": "2.2.3", "machine.arch": "x86",
        ]
        var arms = [Evidence.Arm(name: "recorded", bundle: nil)]
        if !isFirstRun {
            arms.append(
                Evidence.Arm(
                    name: "baseline", bundle: baseline, environment: environment, starts: 3))
        }
        arms.append(
            Evidence.Arm(
                name: "candidate", bundle: candidate,
                environment: candidateEnvironment ?? environment, starts: 3))
        var ledger = LossLedger()
        ledger.seen = rows.count
        ledger.whole = rows.count
        ledger.replayed = rows.count
        ledger.unmatched = rows.count { row in
            row.arms.values.contains { $0.unmatchedEgress > 0 }
        }
        ledger.compared = rows.count - ledger.unmatched
        let sample = (0..<500).map { Int64(1000 + ($0 * 37) % 400) }
        let latency = Evidence.Latency(
            count: 500, quantiles: ["p99": 1_390_000], sample: sample, void: void)
        let evidence = Evidence(
            service: "flight-delay",
            capture: Evidence.Capture(
                id: Digest(of: [1]), name: "capture/core", exchanges: rows.count,
                chosen: rows.count, sessions: Set(rows.map(\.session)).count, sample: nil),
            arms: arms, rules: policy.comparisonRules, seed: 1,
            pacing: Evidence.Pacing(mode: "schedule", value: 1, concurrency: 8),
            isolation: .sandbox, tool: "0.1.0", groups: [],
            latency: ["baseline": latency, "candidate": latency], ledger: ledger, suppressed: [:],
            notes: [], outcomes: Digest(of: [2]), timings: nil, examples: nil)
        return JudgeInput.CaptureEvidence(
            evidence: evidence, digest: Digest(of: Array("e\(rows.count)".utf8)), rows: rows)
    }

    /// What the judge takes.
    public static func input(
        _ rows: [ExchangeOutcome], stage: String = "staging", changed: Set<String> = ["code"],
        isFirstRun: Bool = false, policy: Policy? = nil,
        evidence: JudgeInput.CaptureEvidence? = nil
    ) throws -> JudgeInput {
        let policy = try policy ?? JudgeFixtures.policy()
        let use = evidence ?? JudgeFixtures.evidence(rows, policy: policy, isFirstRun: isFirstRun)
        return JudgeInput(
            policy: policy, stage: try policy.stage(named: stage), service: "flight-delay",
            candidate: candidate, baseline: isFirstRun ? nil : baseline, changed: changed,
            changes: ["code": "service/features.py modified"], evidence: ["capture/core": use],
            absentCaptures: ["bugs"], tool: "0.1.0")
    }
}

extension Judgement {
    /// The check of this id.
    public func check(_ id: String) -> CheckResult? { checks.first { $0.id == id } }
}
