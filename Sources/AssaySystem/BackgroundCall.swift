public import AssayCore
import Synchronization

/// A call that runs on a thread of its own while its maker does something else.
public struct BackgroundCall<Value: Sendable>: ~Copyable {
    private let thread: JoinableThread
    private let outcome: Outcome

    private final class Outcome: Sendable {
        let result = Mutex<Result<Value, AssayError>?>(nil)
    }

    /// Starts the call; its maker must ask for the value, whatever happens meanwhile.
    public init(_ body: @escaping @Sendable () throws(AssayError) -> Value) throws(AssayError) {
        let outcome = Outcome()
        self.outcome = outcome
        thread = try JoinableThread {
            let result = Result { () throws(AssayError) in try body() }
            outcome.result.withLock { $0 = result }
        }
    }

    /// Waits for the call and gives what it gave; throws what it threw.
    public consuming func value() throws(AssayError) -> Value {
        thread.join()
        guard let result = outcome.result.withLock({ $0 }) else {
            preconditionFailure("a thread that ended has left its result")
        }
        return try result.get()
    }
}
