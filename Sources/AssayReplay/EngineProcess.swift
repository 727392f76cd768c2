public import AssayCore
public import AssayEvidence
import AssaySystem
import SystemPackage

/// A replay in a process of its own, so that the whole of it (driver, stubs, arms) can live in one
/// network namespace that has loopback only.
public struct EngineProcess: Sendable {
    /// The command: this program, as it is called for an engine.
    public let arguments: [String]
    private let isolation: Evidence.Isolation
    private let environment: [String: String]

    /// Prepares the process.
    ///
    /// `command` is what runs an engine, as in `[/usr/bin/assay, engine, --plan, FILE]`;
    /// `environment` is our own. Throws `.missingTool` when the sandbox needs bubblewrap and it is
    /// not installed.
    public init(
        command: [String], isolation: Evidence.Isolation, environment: [String: String]
    ) throws(AssayError) {
        self.isolation = isolation
        self.environment = environment
        guard isolation == .sandbox else {
            arguments = command
            return
        }
        let bubblewrap = try Sandbox.bubblewrap(searchPath: environment["PATH"] ?? "/usr/bin:/bin")
        arguments = Sandbox.engineArguments(bubblewrap: bubblewrap, command: command)
    }

    /// Runs the process with our own stdout and stderr, and gives its exit code, that of a shell
    /// where a signal ended it.
    ///
    /// When the task is cancelled, the engine is told by SIGINT to end what it started; it is
    /// killed with all of that if it has not ended after 20 seconds. It also dies with us. Throws
    /// `.subprocess` or `.notFound` if it cannot be started.
    public func run() async throws(AssayError) -> Int32 {
        let process = try await ServiceProcess.start(
            LaunchCommand(arguments: arguments, environment: environment), output: .inherited)
        let isSandboxed = isolation == .sandbox
        let exit = await withTaskCancellationHandler {
            await process.ended()
        } onCancel: {
            process.interrupt(wrapped: isSandboxed, patience: .seconds(20))
        }
        return exit.shellCode
    }
}
