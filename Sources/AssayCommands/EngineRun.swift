import AssayBundling
import AssayCapture
import AssayCore
import AssayEvidence
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
    }

    /// Evidence with its digest.
    struct Outcome {
        let evidence: Evidence
        let digest: Digest
    }

    /// Replays `capture` against a candidate, beside a baseline if there is one.
    ///
    /// Exchanges of routes that may not be sent again are left out; without `routes`, as assay.yaml
    /// here declares them. Evidence of the same bundles, capture, rules and sample is used again if the environments, the
    /// options and the program are the same too; never that of a service that runs already, of which
    /// nobody knows what it is.
    func run(
        candidate: Candidate, baseline: Bundle?, capture: Capture, name: String,
        rules: ComparisonRules, sample: Int?, routes declared: [ExchangeRules.Route]?,
        reuse: Bool
    ) async throws -> Outcome {
        let routes = try declared ?? CaptureRules.routes(workspace.definition().capture)
        let preparation = ArmPreparation(store: store, output: output)
        var arms: [ArmPlan] = []
        if let baseline {
            arms.append(try preparation.plan(.baseline, baseline))
            arms.append(try preparation.plan(.repeat, baseline))
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
        let key = try self.key(arms, capture, rules, sample, routes)
        let ref = "evidence/\(service)/\(key.hex)"
        if isKnown, let known = try store.ref(ref) {
            let evidence = try EvidenceBlobs.evidence(known.digest, store: store)
            output.note("this replay is known already: evidence \(known.digest.short)")
            return Outcome(evidence: evidence, digest: known.digest)
        }
        try workspace.makePrivateDirectory()
        try FileSystem.makeDirectory(workspace.runsDirectory)
        let plan = ReplayPlan(
            service: service, captureName: name, capture: capture.id, store: store.root,
            runs: workspace.runsDirectory, arms: arms, rules: rules, seed: options.seed,
            pacing: try options.pacing(), concurrency: options.concurrency, sample: sample,
            replicas: options.replicas, egressLatency: try options.egressLatencyLevel(),
            routes: routes,
            isolation: try options.isolationLevel(),
            confirmation: .init(processes: options.confirm),
            maximumRestarts: options.maxRestarts, tool: ToolVersion.text)
        try plan.validate()
        let digest = try await execute(plan)
        try store.setRef(ref, to: digest)
        return Outcome(
            evidence: try EvidenceBlobs.evidence(digest, store: store), digest: digest)
    }

    private func execute(_ plan: ReplayPlan) async throws -> Digest {
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
                throw AssayError(
                    .interrupted,
                    "the replay of \(plan.captureName) was interrupted; nothing is left running")
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

    /// What the evidence depends on, as a digest.
    private func key(
        _ arms: [ArmPlan], _ capture: Capture, _ rules: ComparisonRules, _ sample: Int?,
        _ routes: [ExchangeRules.Route]
    ) throws -> Digest {
        let document: JSONValue = .object(present: [
            "arms": .array(
                arms.map { arm in
                    [
                        "role": JSONValue(arm.role.rawValue), "bundle": arm.bundle.map { JSONValue($0) } ?? .null,
                        "environment": JSONValue(arm.facts),
                    ]
                }),
            "capture": JSONValue(capture.id), "rules": JSONValue(rules.digest),
            "sample": sample.map { JSONValue($0) }, "seed": JSONValue(String(options.seed)),
            "isolation": JSONValue(options.isolation), "speed": JSONValue(options.speed),
            "rate": options.rate.map { .double($0) }, "concurrency": JSONValue(options.concurrency),
            "replicas": JSONValue(options.replicas),
            "egressLatency": JSONValue(options.egressLatency),
            "routes": routes.allSatisfy(\.isReplayable)
                ? [] : .array(routes.map { .string("\($0.name) \($0.isReplayable)") }),
            "confirm": JSONValue(options.confirm), "restarts": JSONValue(options.maxRestarts),
            "tool": JSONValue(ToolVersion.text), "program": JSONValue(try Self.programStamp()),
        ])
        return Digest(of: CanonicalJSON.encode(document))
    }

    /// Tells one build of this program from another: the size of its file and when it was written.
    private static func programStamp() throws -> String {
        let path = try ownPath()
        guard let status = try FileSystem.status(of: FilePath(path)) else {
            throw AssayError(
                .io, "this program's own file \(path) is gone",
                hint: "was it built again meanwhile? start the command again")
        }
        return "\(status.size)-\(status.modified)"
    }

    private static func ownPath() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0, count < buffer.count else {
            throw AssayError(.io, "could not find this program's own path")
        }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The engine failed and has told why; only its exit code is left to pass on.
struct EngineFailure: Error {
    let status: Int32
}
