import AssayCore
import AssaySystem
import Glibc
import Synchronization
import SystemPackage

/// A running process: its output is drained into logs, its end is noticed at once, and it dies
/// with us, however we die.
final class ServiceProcess: Sendable {
    /// What is done with the output.
    enum Output: Sendable {
        /// Kept in `stdout.log` and `stderr.log` of a directory.
        case logs(in: FilePath, prefix: String)
        /// Passed to a closure line by line, stdout and stderr alike.
        case lines(@Sendable (String) -> Void)
        /// Ours.
        case inherited
    }

    struct State {
        var identifier: pid_t = 0
        var exit: ProcessExit?
        var lastLines: [String] = []
        var seenText = false
        var logFault: AssayError?
        var killAt: ContinuousClock.Instant?
        var waiters: [CheckedContinuation<ProcessExit, Never>] = []
    }

    let state = Mutex(State())
    let awaitedText: String?

    private init(awaiting text: String?) {
        awaitedText = text
    }

    /// Starts a process on a thread that lives as long as it does.
    ///
    /// `awaiting` is a text in a line of the output that `hasPrintedText` waits for. Throws
    /// `.notFound` when there is no such program, `.subprocess` when it cannot be started.
    static func start(
        _ command: LaunchCommand, output: Output, awaiting text: String? = nil
    ) async throws(AssayError) -> ServiceProcess {
        let process = ServiceProcess(awaiting: text)
        let program = try command.program()
        let started: Result<Void, AssayError> = await withCheckedContinuation { continuation in
            do throws(AssayError) {
                try DedicatedThread.run {
                    process.live(command, program: program, output: output) {
                        continuation.resume(returning: $0)
                    }
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        try started.get()
        return process
    }

    /// The process id.
    var identifier: pid_t { state.withLock { $0.identifier } }

    /// How it ended; `nil` while it runs.
    var exit: ProcessExit? { state.withLock { $0.exit } }

    /// The last lines that it printed.
    var lastLines: [String] { state.withLock { $0.lastLines } }

    /// Whether a line with the awaited text was printed.
    var hasPrintedText: Bool { state.withLock { $0.seenText } }

    /// What kept the output from being logged, if something did.
    var logFault: AssayError? { state.withLock { $0.logFault } }

    /// Waits for the end, at most so long; `nil` if it still runs or the task is cancelled.
    func exit(within patience: Duration) async -> ProcessExit? {
        let deadline = ContinuousClock.now + patience
        while exit == nil, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
        return exit
    }

    /// Waits for the end, also in a cancelled task.
    func ended() async -> ProcessExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// Sends a signal to the process, its group and all its descendants; nothing once it ended.
    func signal(_ number: Int32) {
        state.withLock { state in
            guard state.identifier > 0, state.exit == nil else { return }
            for child in ProcessTree.descendants(of: state.identifier) { Glibc.kill(child, number) }
            Glibc.kill(-state.identifier, number)
        }
    }

    /// Asks the process by SIGINT to end, without waiting for it, and has it killed with all beneath
    /// it when the patience is over.
    ///
    /// `wrapped` says that it runs beneath bubblewrap, which is spared the signal: it would pass on
    /// a KILL.
    func interrupt(wrapped: Bool, patience: Duration) {
        state.withLock { state in
            guard state.identifier > 0, state.exit == nil else { return }
            let targets =
                wrapped ? ProcessTree.innermost(beneath: state.identifier) : [state.identifier]
            for target in targets { Glibc.kill(target, SIGINT) }
            state.killAt = ContinuousClock.now + patience
        }
    }

    /// Ends the process and all beneath it: TERM, then KILL when the grace is over. Works in a
    /// cancelled task too.
    ///
    /// `sandboxed` spares the sandbox's own monitor the TERM, which it would pass on as a KILL.
    func end(grace: Duration, sandboxed: Bool) async {
        state.withLock { state in
            guard state.identifier > 0, state.exit == nil else { return }
            for child in ProcessTree.descendants(of: state.identifier) {
                Glibc.kill(child, SIGTERM)
            }
            if !sandboxed { Glibc.kill(-state.identifier, SIGTERM) }
            state.killAt = ContinuousClock.now + grace
        }
        _ = await ended()
    }
}
