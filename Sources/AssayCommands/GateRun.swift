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
    }

    /// Gates a bundle to a stage by a policy.
    func run(
        _ candidate: Bundle, to stageName: String, policy: Policy, source: String, reuse: Bool
    ) async throws -> Outcome {
        let stage = try policy.stage(stageName)
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
        var replays: [String: JudgeInput.Replayed] = [:]
        for (name, capture) in try captures(for: stage, policy: policy) {
            let outcome = try await engine.run(
                candidate: candidate, baseline: baseline, capture: capture, name: name,
                rules: policy.rules, sample: stage.sample, reuse: reuse)
            replays[name] = JudgeInput.Replayed(
                evidence: outcome.evidence, digest: outcome.digest,
                rows: try EvidenceBlobs.rows(outcome.evidence, store: store))
        }
        let (changed, unchanged) = try components(candidate, baseline)
        let judgement = try Judge.judge(
            JudgeInput(
                policy: policy, policySource: source, stage: stage, service: candidate.service,
                candidate: candidate.id, baseline: baseline?.id, changed: changed,
                unchanged: unchanged, replays: replays, tool: ToolVersion.text, seed: options.seed))
        let verdict = try Verdict(
            judgement: judgement.document, service: candidate.service, bundle: candidate.id,
            manifest: candidate.manifest, time: author.time)
        let digest = try store.put(verdict.bytes)
        try store.setRef("verdict/\(candidate.service)/\(digest.hex)", to: digest)
        let path = try VerdictStore(repository: workspace.repository).add(verdict, by: author)
        return Outcome(
            judgement: judgement, verdict: verdict, verdictPath: path,
            evidence: replays.mapValues(\.evidence))
    }

    /// The bundle of the policy's baseline stage; `nil` on a first run.
    private func baseline(for candidate: Bundle, policy: Policy) throws -> Bundle? {
        let ledger = Ledger(repository: workspace.repository)
        guard
            let entry = try ledger.current(service: candidate.service, stage: policy.baselineStage)
        else {
            guard policy.allowsFirstRun else {
                throw AssayError(
                    .usage,
                    "nothing is promoted to \(policy.baselineStage), and the policy asks for a baseline",
                    hint:
                        "set `baseline: {if_missing: first_run}` for the first bundle of a service")
            }
            output.note("no bundle is promoted to \(policy.baselineStage) yet: this is a first run")
            return nil
        }
        return try BundleCatalog.open(id: entry.bundle, service: candidate.service, store: store)
    }

    /// The captures that the stage's checks run on. A set of known bugs may be absent.
    private func captures(for stage: Policy.Stage, policy: Policy) throws -> [(String, Capture)] {
        var wanted: [String: Bool] = [:]
        for check in policy.checks(for: stage) {
            guard let name = check.capture else { continue }
            wanted[name, default: true] = wanted[name, default: true] && check.kind == .knownBugs
        }
        var found: [(String, Capture)] = []
        for (name, isOptional) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let ref = policy.captures[name]?.ref else { continue }
            let full = ref.hasPrefix("capture/") ? ref : "capture/\(ref)"
            if isOptional, try store.ref(full) == nil { continue }
            found.append((name, try Capture.open(ref, store: store)))
        }
        return found
    }

    private func components(
        _ candidate: Bundle, _ baseline: Bundle?
    ) throws -> (changed: [String: String], unchanged: [String]) {
        guard let baseline else { return ([:], []) }
        let diff = try BundleDiff(baseline, candidate, store: store)
        var changed: [String: String] = [:]
        for change in diff.changes {
            let text =
                changed[change.component].map { "\($0); \(change.summary)" } ?? change.summary
            changed[change.component] = text
        }
        return (changed, diff.unchanged.sorted())
    }
}
