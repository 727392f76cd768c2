import AssayCore
import AssaySystem
import CLinux
import Glibc
import Synchronization
import SystemPackage

extension ServiceProcess {
    /// The life of the process: makes it, drains its output, and reports its end. Runs on a thread
    /// of its own, and calls `started` exactly once.
    func live(
        _ command: LaunchCommand, program: FilePath, output: Output,
        started: (Result<Void, AssayError>) -> Void
    ) {
        var streams: [OutputStream] = []
        let identifier: pid_t
        do throws(AssayError) {
            if let made = try OutputStream.make(output) { streams = made }
            identifier = try Self.spawn(command, program: program, streams: streams)
        } catch {
            started(.failure(error))
            return
        }
        for stream in streams { stream.closeWriter() }
        let watcher = assay_pidfd_open(identifier)
        state.withLock { $0.identifier = identifier }
        started(.success(()))
        drain(streams, watcher: watcher, identifier: identifier)
        if watcher >= 0 { close(watcher) }
        finish(identifier, streams: streams)
    }

    /// Copies the output until the process has ended.
    private func drain(_ streams: [OutputStream], watcher: Int32, identifier: pid_t) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var hasEnded = false
        while !hasEnded {
            var polled = streams.map { stream in
                pollfd(fd: stream.isOpen ? stream.reader : -1, events: Int16(POLLIN), revents: 0)
            }
            polled.append(pollfd(fd: watcher, events: Int16(POLLIN), revents: 0))
            _ = unsafe poll(&polled, nfds_t(polled.count), 50)
            hasEnded =
                watcher >= 0 ? polled[polled.count - 1].revents != 0 : Self.isZombie(identifier)
            for stream in streams {
                // After the end only what is in the pipe already: a descendant may hold it open.
                var rounds = hasEnded ? 64 : 1
                while rounds > 0, let bytes = stream.read(&buffer) {
                    take(bytes, from: stream, all: streams)
                    rounds -= 1
                }
            }
            killIfDue()
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>, from stream: OutputStream, all: [OutputStream]) {
        var seen = false
        let fault = stream.append(bytes) { line in
            if let awaitedText, line.contains(awaitedText) { seen = true }
        }
        let lines = all.flatMap { $0.lastLines(10) }
        state.withLock { state in
            if seen { state.seenText = true }
            if let fault, state.logFault == nil { state.logFault = fault }
            state.lastLines = lines
        }
    }

    private func killIfDue() {
        let isDue = state.withLock { state in
            guard let time = state.killAt, ContinuousClock.now >= time else { return false }
            state.killAt = nil
            return true
        }
        if isDue { signal(SIGKILL) }
    }

    /// Takes the group with the process, then reports the end to all who wait.
    private func finish(_ identifier: pid_t, streams: [OutputStream]) {
        let fault = streams.compactMap { $0.finish() }.first
        // Still a zombie here, so its id names nobody else's group.
        Glibc.kill(-identifier, SIGKILL)
        var word: Int32 = 0
        while unsafe waitpid(identifier, &word, 0) < 0, errno == EINTR {}
        Self.waitForGroup(identifier)
        let waiters = state.withLock { state in
            state.exit = ProcessExit(word: word)
            if state.logFault == nil { state.logFault = fault }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: ProcessExit(word: word)) }
    }

    /// Waits until the killed group is gone; a member that nobody reaps is not waited for long.
    private static func waitForGroup(_ identifier: pid_t) {
        for _ in 0..<200 where Glibc.kill(-identifier, 0) == 0 { usleep(1_000) }
    }

    private static func isZombie(_ identifier: pid_t) -> Bool {
        // Waiting without reaping gives 0 and leaves the information empty while it runs.
        var info = unsafe siginfo_t()
        guard unsafe waitid(P_PID, id_t(identifier), &info, WEXITED | WNOHANG | WNOWAIT) == 0 else {
            return true
        }
        return unsafe info.si_signo == SIGCHLD
    }

    private static func spawn(
        _ command: LaunchCommand, program: FilePath, streams: [OutputStream]
    ) throws(AssayError) -> pid_t {
        let variables = command.environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        for word in command.arguments + variables where word.utf8.contains(0) {
            throw AssayError(
                .usage, "could not start \(program): a word or variable of it contains a zero byte")
        }
        let output = streams.first?.writer ?? -1
        let errors = streams.last?.writer ?? -1
        let status: pid_t = unsafe withCStrings(command.arguments) { arguments in
            unsafe withCStrings(variables) { environment in
                unsafe assay_spawn(
                    program.string, arguments, environment, command.directory?.string, output,
                    errors)
            }
        }
        guard status > 0 else {
            let place = command.directory.map { " in \($0)" } ?? ""
            throw AssayError(
                .subprocess, "could not start \(program)\(place): \(Errno(rawValue: -status))")
        }
        return status
    }
}

/// Lends a null-terminated list of C strings.
private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("the list ends in nil") }
        return unsafe body(base)
    }
}
