import AssayBundling
import AssayCapture
import AssayCore
import AssayEnvironment
import AssayEvidence
import AssayPromotion
import AssayReplay
import AssayStore
import AssaySystem
import Glibc
import SystemPackage

/// Runs a replay in an engine process and gives its evidence.
struct EngineRun {
    let workspace: Workspace
    let store: Store
    let options: ReplayOptions
    let output: Output
    let plain: Bool

    /// What is to be judged.
    enum Candidate {
        /// A bundle, which is served here.
        case bundle(Bundle)
        /// A service that runs already.
        case running(ServiceAddress)

        /// The bundle that is served here, if one is.
        var bundle: Bundle? {
            if case .bundle(let bundle) = self { bundle } else { nil }
        }
    }

    /// How much of a capture is replayed.
    struct Extent {
        var shard: ReplayShard?
        var maximumExchanges: Int?
        var maximumTime: Duration?
        /// How often what was replayed is kept meanwhile.
        var checkpointEvery: Duration = .seconds(30)
        /// Processes of the baseline beside its own that show the noise.
        var repeats = 1
    }

    /// Evidence with its digest.
    struct Outcome {
        let evidence: Evidence
        let digest: Digest
    }

    /// Replays `capture` against a candidate, beside a baseline if there is one.
    ///
    /// Exchanges of routes that may not be sent again are left out, and answers redacted, as `settings`
    /// say; without them, as assay.yaml here does. Evidence of the same bundles, capture, rules and
    /// sample is used again if the environments, the options and the program are the same too; never
    /// that of a service that runs already, of which nobody knows what it is. A recorded answer without
    /// a stamp counts as of the bundle that `stage` had at that time.
    func run(
        candidate: Candidate, baseline: Bundle?, capture: Capture, name: String, stage: String,
        rules: ComparisonRules, sample: Int?, seed: UInt64,
        settings declared: CaptureSettings?,
        extent: Extent = Extent(), reuse: Bool
    ) async throws -> Outcome {
        let settings = try declared ?? workspace.definition().capture
        let routes = CaptureRules.routes(settings)
        let redaction = CaptureRules.redaction(settings)
        var preparation = ArmPreparation(store: store, output: output)
        var arms: [ArmPlan] = []
        if let baseline {
            arms.append(try preparation.plan(.baseline, baseline))
            for number in 1...max(1, extent.repeats) {
                arms.append(try preparation.plan(.repetition(number), baseline))
            }
        }
        let service: String
        var isKnown = reuse
        switch candidate {
        case .bundle(let bundle):
            service = bundle.service
            arms.append(try preparation.plan(.candidate, bundle))
        case .running(let address):
            service = try workspace.definition().name
            arms.append(ArmPlan(role: .candidate, address: address))
            isKnown = false
        }
        let history = try history(of: service, stage: stage)
        let supplied = try options.suppliedFile()
        let key = try self.key(
            arms, history, capture, rules, sample, seed, routes, redaction, extent.shard,
            supplied?.digest)
        let ref = "evidence/\(service)/\(key.hex)"
        let partialRef = "evidence/\(service)/partial-\(key.hex)"
        let answersRef = "answers/\(service)/\(key.hex)"
        if isKnown, let known = try store.ref(ref) {
            let evidence = try EvidenceBlobs.evidence(known.digest, store: store)
            output.note("this replay is known already: evidence \(known.digest.short)")
            return Outcome(evidence: evidence, digest: known.digest)
        }
        let earlier = try isKnown ? store.ref(partialRef)?.digest : nil
        if let earlier {
            let done = try EvidenceBlobs.evidence(earlier, store: store).ledger.replayed
            output.note(
                "going on after \(done) exchanges that were replayed already: evidence "
                    + "\(earlier.short); start anew with --fresh")
        }
        let answers = try isKnown ? store.ref(answersRef)?.digest : nil
        if let answers {
            let count = try KeptAnswers.read(answers, store: store).count
            output.note(
                "going on with \(count) answers that arms gave already; start anew with --fresh")
        }
        let confirms = extent.shard == nil
        var plan = ReplayPlan(
            service: service, captureName: name, capture: capture.id, store: store.root,
            runs: workspace.runsDirectory, arms: arms, history: history, rules: rules,
            redaction: redaction, seed: seed,
            pacing: try options.pacing(), concurrency: options.concurrency, sample: sample,
            arrangement: try options.arrangement(), shard: extent.shard,
            maximumExchanges: extent.maximumExchanges,
            maximumTime: extent.maximumTime, parts: earlier.map { [$0] } ?? [],
            partialRef: partialRef, replicas: options.replicas,
            egressLatency: try options.egressLatencyLevel(), supplied: supplied,
            routes: routes,
            isolation: try options.isolationLevel(), limits: try options.limits(),
            confirmation: .init(processes: confirms ? options.confirm : 0),
            maximumRestarts: options.maxRestarts, tool: ToolVersion.text)
        plan.checkpointEvery = extent.checkpointEvery
        if case .bundle = candidate {
            plan.continuation = reuse ? .same : .withoutFresh
            if plan.arrangement == .sequential {
                plan.answersRef = answersRef
                plan.answers = answers
            }
        }
        // What an earlier replay kept is not what a new one goes on from when it is interrupted.
        if !reuse { try forget(plan) }
        forgetAbandoned(of: service, but: plan)
        let digest = try await execute(
            plan, serving: [candidate.bundle, baseline].compactMap(\.self))
        return try await keep(digest, of: plan, as: ref)
    }

    /// Runs the engine, and checks the files of the bundles that it served where their services could
    /// have changed them; also when it failed, as a later run would go on from what it kept. On a fault
    /// that is forgotten.
    private func execute(_ plan: ReplayPlan, serving bundles: [Bundle]) async throws -> Digest {
        let result: Result<Digest, any Error>
        do { result = .success(try await execute(plan)) } catch { result = .failure(error) }
        if plan.isolation != .sandbox {
            do {
                try checkTrees(bundles)
                for root in Set(plan.arms.compactMap(\.environmentRoot)) {
                    try VirtualEnvironment.checkFiles(in: root)
                }
            } catch {
                try forget(plan)
                throw error
            }
        }
        return try result.get()
    }

    /// Lets go of what nobody went on from. That it cannot be keeps no replay from running.
    private func forgetAbandoned(of service: String, but plan: ReplayPlan) {
        do throws(AssayError) {
            try AbandonedReplays.forget(
                of: service, but: keptRefs(plan), now: Workspace.now(), store: store)
        } catch {
            output.note("what earlier replays left was not looked through: \(error.message)")
        }
    }

    /// The names of what is kept while a plan is carried out.
    private func keptRefs(_ plan: ReplayPlan) -> [String] {
        [plan.partialRef, plan.answersRef].compactMap(\.self)
    }

    /// Lets go of what was kept of a plan.
    private func forget(_ plan: ReplayPlan) throws {
        for name in keptRefs(plan) { try store.deleteRef(name) }
    }

    /// Throws `.service` if a service changed the files that it was served from, or hid one: nobody
    /// knows then which answers were its bundle's. Tells of others that it left there. In the sandbox it
    /// can do neither.
    private func checkTrees(_ bundles: [Bundle]) throws(AssayError) {
        // A bundle stands once, whatever arms it has.
        var seen: Set<Digest> = []
        for bundle in bundles where seen.insert(bundle.manifest).inserted {
            let changes = try bundle.treeChanges(store: store)
            if let fault = changes.fault {
                throw AssayError(
                    .service,
                    "the files of bundle \(bundle.id.short) were changed while it was served: \(fault), "
                        + "so that its answers are not its own; the evidence is not used",
                    hint:
                        "replay in the sandbox, where a service cannot write to its files, or mend it"
                )
            }
            if let first = changes.added.first {
                let count = changes.added.count
                output.note(
                    "beside the files of bundle \(bundle.id.short) stand \(count) that its service wrote, "
                        + "\(first) first; later replays of this bundle find them")
            }
        }
    }

    /// Merges the evidence of all shards of one run, replaying what they left, and confirms over all.
    ///
    /// A recorded answer without a stamp counts, in what is replayed here, as of the bundle that
    /// `stage` had at that time. What is replayed here is isolated as the shards were. Throws
    /// `.conflict` if the bundles' environments, their limits or the redaction are not here what they
    /// were there.
    func merge(_ shards: [Outcome], stage: String) async throws -> Outcome {
        try Evidence.checkShards(shards.map(\.evidence))
        let first = shards[0].evidence
        let settings = try workspace.definition().capture
        let redaction = CaptureRules.redaction(settings)
        let key = try CaptureRules.redactionKey(of: workspace)
        guard first.redaction?.digest == Redactor(redaction, key: key).digest else {
            throw AssayError(
                .conflict,
                "the answers of the shards were redacted by other rules, or with another key, than this "
                    + "merge has", hint: Evidence.Redaction.sameHint)
        }
        var preparation = ArmPreparation(store: store, output: output)
        var arms: [ArmPlan] = []
        var bundles: [Bundle] = []
        for arm in first.arms where arm.name != "recorded" {
            guard let role = ArmPlan.Role(rawValue: arm.name), let bundle = arm.bundle else {
                throw AssayError(
                    .unsupported, "could not merge evidence of a service that ran already",
                    hint: "replay bundles in shards, or the service as a whole")
            }
            bundles.append(
                try BundleCatalog.open(id: bundle, service: first.service, store: store))
            let plan = try preparation.plan(role, bundles[bundles.count - 1])
            guard plan.facts == arm.environment.filter({ !$0.key.hasPrefix("limit.") }) else {
                throw AssayError(
                    .conflict, "the environment of \(arm.name) here is not that of the shards",
                    hint: "merge on a machine like those that replayed the shards")
            }
            let limits = arm.environment.filter { $0.key.hasPrefix("limit.") }
            guard try options.limits().facts == limits else {
                let had = limits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                throw AssayError(
                    .conflict,
                    "the shards were replayed with \(had.isEmpty ? "no limits" : had.joined(separator: ", ")), "
                        + "and this merge has others",
                    hint: "give --memory and --cpus as the shards had them")
            }
            arms.append(plan)
        }
        let supplied = try options.suppliedFile()
        guard supplied?.digest == first.supplied?.digest else {
            let had = first.supplied.map { "\($0.name) (\($0.digest.short))" }
            throw AssayError(
                .conflict,
                "the shards were replayed with \(had ?? "no supplied answers"), and this merge has "
                    + (supplied.map { "\($0.name) (\($0.digest.short))" } ?? "none"),
                hint: "give --egress-answers as the shards had it")
        }
        let parts = shards.map(\.digest).sorted()
        let name = Digest(of: Array(parts.map(\.hex).joined().utf8)).hex
        let plan = ReplayPlan(
            service: first.service, captureName: first.capture.name, capture: first.capture.id,
            store: store.root, runs: workspace.runsDirectory, arms: arms,
            history: try history(of: first.service, stage: stage), rules: first.rules,
            redaction: redaction, seed: first.seed, pacing: try ReplayPlan.Pacing(first.pacing),
            concurrency: first.pacing.concurrency, sample: first.capture.sample,
            arrangement: try options.arrangement(), parts: parts,
            partialRef: "evidence/\(first.service)/partial-\(name)",
            replicas: options.replicas, egressLatency: try options.egressLatencyLevel(),
            supplied: supplied, routes: CaptureRules.routes(settings),
            isolation: first.isolation, limits: try options.limits(),
            confirmation: .init(processes: options.confirm),
            maximumRestarts: options.maxRestarts, tool: ToolVersion.text)
        return try await keep(
            try await execute(plan, serving: bundles), of: plan,
            as: "evidence/\(first.service)/merged-\(name)")
    }

    /// Names evidence, so that it is found again: whole evidence by `ref`, other as what a later run
    /// goes on from.
    private func keep(_ digest: Digest, of plan: ReplayPlan, as ref: String) async throws -> Outcome
    {
        let evidence = try EvidenceBlobs.evidence(digest, store: store)
        let isWhole =
            evidence.ledger.replayed + evidence.ledger.excluded == evidence.capture.chosen
        if isWhole {
            try store.setRef(ref, to: digest)
            try forget(plan)
        } else if let partial = plan.partialRef {
            try store.setRef(partial, to: digest)
        }
        return Outcome(evidence: evidence, digest: digest)
    }

    private func execute(_ plan: ReplayPlan) async throws -> Digest {
        try plan.validate()
        try workspace.makePrivateDirectory()
        try FileSystem.makeDirectory(workspace.runsDirectory)
        let directory = try TemporaryDirectory(in: workspace.runsDirectory, prefix: "plan-")
        let file = directory.path.appending("plan.json")
        let result = directory.path.appending("result")
        try FileSystem.replace(file, with: plan.encode(), mode: 0o600)
        var command = [
            try Self.ownPath(), "engine", "--plan", file.string, "--result", result.string,
        ]
        if output.isQuiet { command.append("--quiet") }
        if plain { command.append("--plain") }
        let engine = try EngineProcess(
            command: command, isolation: plan.isolation, environment: ProcessEnvironment.current)
        let interruption = Interruption()
        let status = try await interruption.guarding { try await engine.run() }
        guard status == 0 else {
            if interruption.wasAsked || status == 130 {
                let isKept = try keptRefs(plan).contains { try store.ref($0) != nil }
                throw AssayError(
                    .interrupted,
                    "the replay of \(plan.captureName) was interrupted; nothing is left running",
                    hint: isKept ? plan.continuation.sentence : nil)
            }
            // The engine has said why on stderr, with a hint.
            throw EngineFailure(status: status)
        }
        let text = String(decoding: try FileSystem.read(result, limit: 4096), as: UTF8.self)
        guard let digest = Digest(text) else {
            throw AssayError(.subprocess, "the engine gave no evidence")
        }
        return digest
    }

    /// Which bundles a stage had, the earliest first.
    private func history(of service: String, stage: String) throws -> [ReplayPlan.Tenure] {
        try Ledger(repository: workspace.repository).history(service: service, stage: stage)
    }
}

/// The engine failed and has told why; only its exit code is left to pass on.
struct EngineFailure: Error {
    let status: Int32
}
