public import AssayCore
public import AssayEvidence
import AssaySystem
import NIOPosix
public import SystemPackage

/// Serves one bundle in the foreground, as an arm of a replay would be served.
public enum ServeRun {
    /// Starts the service on a port, waits until it is ready, and passes its output on line by line
    /// until it ends or the task is cancelled, which ends the service.
    ///
    /// The sandbox keeps the file system and the other processes from it, but leaves it the
    /// network, so that it can be called. Gives the exit code, that of a shell where a signal ended
    /// it. Throws `.service` if it does not get ready.
    public static func run(
        _ arm: ArmPlan, port: Int, isolation: Evidence.Isolation, runs: FilePath, seed: UInt64,
        environment: [String: String], ready: @escaping @Sendable () -> Void,
        output: @escaping @Sendable (String) -> Void
    ) async throws(AssayError) -> Int32 {
        var bubblewrap: FilePath?
        if isolation == .sandbox || arm.image != nil {
            bubblewrap = try Sandbox.bubblewrap(searchPath: environment["PATH"] ?? "/usr/bin:/bin")
        }
        var generator = SplitMix64(seed: seed, name: "serve")
        let name = "serve-\(UInt64.random(in: 0 ... .max))"
        let directory = try RunDirectory(in: runs, name: name)
        let home = directory.path.appending("home")
        try FileSystem.makeDirectory(home, mode: 0o700)
        let launch = ServiceLaunch(
            plan: arm, isolation: isolation, bubblewrap: bubblewrap, home: home, egress: [:],
            inherited: environment)
        let service = try await RunningService.start(
            launch, name: arm.role.rawValue, logs: .lines(output),
            hashSeed: UInt32.random(in: 1...UInt32.max, using: &generator),
            on: MultiThreadedEventLoopGroup.singleton.next(), port: port)
        ready()
        let exit = await withTaskCancellationHandler {
            await service.process.ended()
        } onCancel: {
            service.process.interrupt(wrapped: service.sandboxed, patience: RunningService.grace)
        }
        _ = consume directory
        return exit.shellCode
    }
}
