import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into the cancellation of a task, so that what it started can be ended.
final class Interruption: Sendable {
    private static let asked = Atomic<Bool>(false)

    /// Whether a signal has come.
    var wasAsked: Bool { Self.asked.load(ordering: .relaxed) }

    /// Runs `body`; when a signal comes its task is cancelled, and a second one ends the process.
    func guarding<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        Self.listen()
        defer { for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) } }
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                // A handler may do no more than set a flag, so it is looked at from here.
                while !Self.asked.load(ordering: .relaxed) {
                    do { try await Task.sleep(for: .milliseconds(50)) } catch { return nil }
                }
                return nil
            }
            var isCancelled = false
            while let next = try await group.next() {
                if let value = next {
                    group.cancelAll()
                    return value
                }
                if !isCancelled {
                    isCancelled = true
                    group.cancelAll()
                }
            }
            throw CancellationError()
        }
    }

    /// Takes signals from now on, for a later `wait`: who is told how to stop may do so at once.
    static func listen() {
        for number in [SIGINT, SIGTERM] { signal(number) { Interruption.note($0) } }
    }

    /// Waits until a signal comes or the task is cancelled, calling `tick` meanwhile.
    static func wait(_ tick: @Sendable () -> Void) async {
        listen()
        defer { for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) } }
        while !asked.load(ordering: .relaxed) {
            tick()
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
    }

    private static func note(_ number: Int32) {
        if asked.exchange(true, ordering: .relaxed) { _exit(128 + number) }
    }
}
