import AssayCapture
public import AssayCore
public import AssayEvidence
public import AssayStore
import AssaySystem
import NIOCore
import NIOPosix
import SystemPackage

/// Runs a replay: serves the arms, sends them the capture, compares, confirms, and makes evidence.
public enum ReplayEngine {
    /// Replays a capture by a plan and puts the evidence with its blobs into the store.
    ///
    /// What arms answer is redacted by the plan's rules and `redactionKey`, the key of recordings, and
    /// calls to dependencies are also looked for as these would have kept them. `environment` is our own:
    /// secrets and the search path for bubblewrap come from it. Progress
    /// is given at most five times a second. With the isolation `sandbox` this process must be in a
    /// network namespace of its own; see `EngineProcess`.
    ///
    /// Throws `.service` when an arm does not get ready or fails too often: what was replayed by
    /// then is in the store, and the hint names it. Throws `.interrupted` when the task is
    /// cancelled; nothing is left running then. Throws `.usage` before anything is started if a secret
    /// that the rules put back into requests is not set. Costs memory that does not grow with the capture,
    /// but for 16 bytes an exchange for the choice of a sample, the ids of exchanges that earlier evidence
    /// has, and with sequential arms the id of each exchange that an arm has answered.
    public static func run(
        _ plan: ReplayPlan, store: Store, environment: [String: String],
        redactionKey: [UInt8] = [],
        progress: @escaping @Sendable (ReplayProgress) -> Void
    ) async throws(AssayError) -> Evidence {
        try plan.validate()
        let redaction = try plan.redaction.map { (rules) throws(AssayError) in
            ReplayRedaction(
                Redactor(rules, key: redactionKey),
                secrets: try RedactionSecrets(rules, environment: environment))
        }
        var bubblewrap: FilePath?
        if plan.isolation == .sandbox || plan.arms.contains(where: { $0.image != nil }) {
            bubblewrap = try Sandbox.bubblewrap(searchPath: environment["PATH"] ?? "/usr/bin:/bin")
        }
        if plan.isolation == .sandbox {
            guard try Sandbox.networkIsLoopbackOnly() else {
                throw AssayError(
                    .usage,
                    "could not replay \(plan.captureName): this process can reach the network",
                    hint: "run it by `assay replay`, which makes the sandbox, or give "
                        + "`--isolation process`")
            }
        }
        let capture = try Capture.open(plan.capture.hex, store: store)
        let name = "run-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let directory = try RunDirectory(in: plan.runs, name: name)
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: max(1, System.coreCount))
        let run = ReplayRun(
            plan: plan, store: store, capture: capture, directory: directory.path,
            bubblewrap: bubblewrap, environment: environment,
            redaction: redaction, threads: threads, progress: progress)
        let result: Result<Evidence, AssayError>
        do throws(AssayError) {
            result = .success(try await run.perform())
        } catch {
            result = .failure(error)
        }
        // The threads end with the process at the latest; there is nothing to lose in them.
        try? await threads.shutdownGracefully()
        _ = consume directory
        return try result.get()
    }
}
