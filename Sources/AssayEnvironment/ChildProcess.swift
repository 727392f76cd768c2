import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Runs a program to its end and collects what it writes: no shell, an explicit environment, a
/// time limit.
///
/// The child runs in the caller's directory. The call blocks its thread. It is made for the short tools around an interpreter, under a file
/// lock; services under test are started elsewhere.
struct ChildProcess {
    /// The program (an absolute path) and its arguments.
    var command: [String]
    /// The whole environment of the child.
    var environment: [String: String]
    /// How long the child may take; it is killed after that.
    var timeout: Duration
    /// How many bytes of each stream are kept.
    var outputLimit = 64 << 20

    /// How a child ended, and what it wrote.
    struct Completion {
        /// The exit status; 128 + the signal's number if a signal ended it.
        let status: Int32
        /// What it wrote to its standard output and standard error.
        let output: [UInt8], errors: [UInt8]
    }

    /// Runs the program. Each line that it writes to either stream is lent to `line` as it comes.
    ///
    /// Throws `.subprocess` if it cannot be started and `.limit` if it takes or writes too much.
    func run(line: (String) -> Void = { _ in }) throws(AssayError) -> Completion {
        let output = try Channel()
        let errors = try Channel()
        let child = try spawn(output: output.writing, errors: errors.writing)
        output.closeWriting()
        errors.closeWriting()
        let deadline = ContinuousClock.now + timeout
        do throws(AssayError) {
            var streams = [
                Stream(descriptor: output.reading), Stream(descriptor: errors.reading),
            ]
            while streams.contains(where: { !$0.ended }) {
                try wait(for: &streams, deadline: deadline, line: line)
            }
            let status = try reap(child, deadline: deadline)
            return Completion(status: status, output: streams[0].bytes, errors: streams[1].bytes)
        } catch {
            kill(child, SIGKILL)
            var status: Int32 = 0
            while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
            throw error
        }
    }

    private var name: String { FilePath(command[0]).lastComponent?.string ?? command[0] }

    private func tookTooLong() -> AssayError {
        AssayError(.limit, "\(command.joined(separator: " ")) took longer than \(timeout)")
    }

    private func wait(
        for streams: inout [Stream], deadline: ContinuousClock.Instant, line: (String) -> Void
    ) throws(AssayError) {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { throw tookTooLong() }
        var polled = streams.map { stream in
            pollfd(fd: stream.ended ? -1 : stream.descriptor, events: Int16(POLLIN), revents: 0)
        }
        let milliseconds = min(left.components.seconds, 1_000) * 1_000 + 1
        let count = unsafe poll(&polled, nfds_t(polled.count), Int32(milliseconds))
        guard count >= 0 || errno == EINTR else {
            throw FileSystem.systemError("could not wait for \(name)", number: errno)
        }
        guard count > 0 else { return }
        for index in streams.indices where polled[index].revents != 0 {
            try streams[index].read(line: line)
            guard streams[index].bytes.count <= outputLimit else {
                throw AssayError(.limit, "\(name) writes more than \(ByteCount(outputLimit))")
            }
        }
    }

    private func reap(
        _ child: pid_t, deadline: ContinuousClock.Instant
    ) throws(AssayError) -> Int32 {
        var word: Int32 = 0
        while true {
            let done = unsafe waitpid(child, &word, WNOHANG)
            if done == child { break }
            guard done == 0 || errno == EINTR else {
                throw FileSystem.systemError("could not wait for \(name)", number: errno)
            }
            guard ContinuousClock.now < deadline else { throw tookTooLong() }
            usleep(1_000)
        }
        return ProcessExit(word: word).shellCode
    }

    private func spawn(output: Int32, errors: Int32) throws(AssayError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // Threads of the Swift runtime may block or ignore signals that tools rely on.
        var none = sigset_t()
        var pipe = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &pipe)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let assignments = environment.keys.sorted().map { "\($0)=\(environment[$0] ?? "")" }
        var child: pid_t = 0
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe assignments.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
        }
        let failure = unsafe posix_spawn(
            &child, command[0], &actions, &attributes, &arguments, &variables)
        guard failure == 0 else {
            throw AssayError(
                .subprocess, "could not start \(command[0])",
                cause: FileSystem.systemError("posix_spawn", number: failure))
        }
        return child
    }
}

extension ChildProcess {
    /// One stream of the child: its bytes so far, and where the line under way begins.
    private struct Stream {
        let descriptor: Int32
        var bytes: [UInt8] = []
        var lineStart = 0
        var ended = false

        mutating func read(line: (String) -> Void) throws(AssayError) {
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { return }
                throw FileSystem.systemError("could not read from a pipe", number: errno)
            }
            ended = count == 0
            bytes += chunk[..<count]
            while let end = bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
                line(String(decoding: bytes[lineStart..<end], as: UTF8.self))
                lineStart = end + 1
            }
            if ended, lineStart < bytes.count {
                line(String(decoding: bytes[lineStart...], as: UTF8.self))
                lineStart = bytes.count
            }
        }
    }

    /// A way for bytes out of the child, whose ends are closed when it goes out of scope.
    private final class Channel {
        let reading: Int32
        private(set) var writing: Int32

        init() throws(AssayError) {
            var ends: [Int32] = [-1, -1]
            // A pair of sockets, because they are close-on-exec from the start: a child started
            // at the same time elsewhere must not hold the writing end open.
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
                throw FileSystem.systemError("could not make a pipe", number: errno)
            }
            reading = ends[0]
            writing = ends[1]
        }

        func closeWriting() {
            if writing >= 0 { close(writing) }
            writing = -1
        }

        deinit {
            closeWriting()
            close(reading)
        }
    }
}
