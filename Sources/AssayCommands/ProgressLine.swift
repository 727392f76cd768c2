import AssayCore
import Glibc
import Synchronization

/// Shows how a long piece of work goes: one line rewritten on a terminal, a line every ten seconds
/// elsewhere.
///
/// Time comes from the caller's calls, never from a timer of its own.
final class ProgressLine: Sendable {
    private let output: Output
    private let rewrites: Bool
    private let state: Mutex<State>

    private struct State {
        var started: ContinuousClock.Instant
        var shownAt: ContinuousClock.Instant?
        var isOpen = false
    }

    /// Starts to count the time.
    init(output: Output, plain: Bool) {
        self.output = output
        self.rewrites = !plain && isatty(STDERR_FILENO) == 1
        self.state = Mutex(State(started: .now))
    }

    /// Shows `text` if it is due.
    func update(_ text: @autoclosure () -> String) {
        let now = ContinuousClock.now
        let interval: Duration = rewrites ? .milliseconds(100) : .seconds(10)
        let due = state.withLock { state in
            if now - (state.shownAt ?? state.started) < interval { return false }
            state.shownAt = now
            state.isOpen = rewrites
            return true
        }
        guard due, !output.isQuiet else { return }
        output.progress(text(), rewriting: rewrites)
    }

    /// Clears the line, so that what follows starts on an empty one.
    func finish() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if wasOpen, !output.isQuiet { output.progress("", rewriting: true) }
    }
}
