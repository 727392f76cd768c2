import AssayBundling
import AssayCapture
import AssayCore
import AssayEvidence
import AssayGate
import AssayGit
import AssayPromotion
import AssayReplay
import AssayStore

/// Replays what a stage's checks need, judges it, and keeps the verdict.
struct GateRun {
    let workspace: Workspace
    let store: Store
    let options: ReplayOptions
    let output: Output
    let plain: Bool

    /// A judgement, its verdict, and the evidence behind it.
    struct Outcome {
        let judgement: Judgement
        let verdict: Verdict
        let verdictPath: String
        let evidence: [String: Evidence]
        /// What earlier gates of this bundle to this stage by this policy decided, the last first.
        let earlier: [String]
    }

    /// Gates a bundle to a stage by the policy that was found.
    func run(
        _ candidate: Bundle, to stageName: String, by found: PolicySource.Found, reuse: Bool
    ) async throws -> Outcome {
        let policy = found.policy
        let stage = try policy.stage(named: stageName)
        try found.check(candidate)
        guard !candidate.isDirty else {
            throw AssayError(
                .usage,
                "bundle \(candidate.id.short) was built from changed files and cannot be gated",
                hint: "commit them and gate the commit")
        }
        let author = try workspace.repository.defaultSignature(time: Workspace.now())
        let baseline = try baseline(for: candidate, policy: policy)
        let engine = EngineRun(
            workspace: workspace, store: store, options: options, output: output, plain: plain)
        var replays: [String: JudgeInput.CaptureEvidence] = [:]
        var absent: Set<String> = []
        for rule in policy.captures(of: stage) {
            guard let capture = try capture(rule, policy: policy, stage: stage) else {
                absent.insert(rule.ref)
                continue
            }
            let outcome = try await engine.run(
                candidate: .bundle(candidate), baseline: baseline, capture: capture,
                name: rule.ref, stage: policy.baselineStage,
                rules: policy.comparisonRules,
                sample: sample(of: rule, policy: policy, stage: stage),
                seed: policy.statistics.seed, settings: found.settings,
                reuse: reuse)
            replays[rule.ref] = JudgeInput.CaptureEvidence(
                evidence: outcome.evidence, digest: outcome.digest,
                rows: try EvidenceBlobs.rows(outcome.evidence, store: store))
        }
        let changes = try BundleChanges(baseline, candidate, store: store)
        let judgement = judge(
            JudgeInput(
                policy: policy, stage: stage, service: candidate.service, candidate: candidate.id,
                baseline: baseline?.id, changed: changes.changed, changes: changes.lines,
                evidence: replays, absentCaptures: absent, tool: ToolVersion.text))
        let verdicts = VerdictStore(repository: workspace.repository)
        let earlier = try verdicts.verdicts(
            service: candidate.service, bundle: candidate.id, stage: stage.name
        ).filter { $0.verdict.policy == policy.digest }
        let verdict = try Verdict(
            judgement: judgement.json, service: candidate.service, bundle: candidate.id,
            manifest: candidate.manifest, time: author.time,
            policyCommit: found.commit?.description, attempt: earlier.count + 1)
        let digest = try store.put(verdict.bytes)
        try store.setRef("verdict/\(candidate.service)/\(digest.hex)", to: digest)
        let path = try verdicts.add(verdict, by: author)
        return Outcome(
            judgement: judgement, verdict: verdict, verdictPath: path,
            evidence: replays.mapValues(\.evidence), earlier: earlier.map(\.verdict.decision))
    }

    /// The bundle of the policy's baseline stage; `nil` on a first run.
    private func baseline(for candidate: Bundle, policy: Policy) throws -> Bundle? {
        let stage = policy.baselineStage
        let ledger = Ledger(repository: workspace.repository)
        guard let entry = try ledger.current(service: candidate.service, stage: stage) else {
            guard policy.baseline.ifMissing == .firstRun else {
                throw AssayError(
                    .usage, "nothing is promoted to \(stage), and the policy asks for a baseline",
                    hint:
                        "set `baseline: {if_missing: first_run}` for the first bundle of a service")
            }
            output.note("no bundle is promoted to \(stage) yet: this is a first run")
            return nil
        }
        return try BundleCatalog.open(id: entry.bundle, service: candidate.service, store: store)
    }

    /// The sample of a capture that a stage takes: known bugs are replayed to the last one.
    private func sample(of rule: Policy.CaptureRule, policy: Policy, stage: Stage) -> Int? {
        let isForBugs = policy.checks(of: stage).contains {
            $0.capture == rule.name && $0.kind == .knownBugs
        }
        return isForBugs ? nil : stage.sample
    }

    /// The capture of a rule; `nil` if only known bugs would be read from it, there are none, and the
    /// policy pins none.
    private func capture(
        _ rule: Policy.CaptureRule, policy: Policy, stage: Stage
    ) throws -> Capture? {
        let checks = policy.checks(of: stage).filter { $0.capture == rule.name }
        let isOptional = checks.allSatisfy { $0.kind == .knownBugs }
        let full = rule.ref.hasPrefix("capture/") ? rule.ref : "capture/\(rule.ref)"
        if isOptional, try store.ref(full) == nil {
            guard let id = rule.id else { return nil }
            throw AssayError(
                .notFound,
                "the store has no capture `\(rule.ref)`, and the policy pins \(id.short)",
                hint: "import that capture: its known bugs must be looked at")
        }
        let capture = try Capture.open(rule.ref, store: store)
        if let id = rule.id, capture.id != id {
            throw AssayError(
                .usage,
                "capture `\(rule.ref)` is \(capture.id.short) here, and the policy pins \(id.short)",
                hint: "import the pinned capture, or change `captures.\(rule.name).id` by review")
        }
        return capture
    }
}
