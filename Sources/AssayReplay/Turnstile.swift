import AssayCore
import Synchronization

/// Lets one pass at a time.
final class Turnstile: Sendable {
    private let lock = Mutex<Void>(())

    /// Does something, where `isNeeded` says so while nobody else who needs that does, and otherwise at
    /// once.
    func pass<Value: Sendable>(
        if isNeeded: Bool, _ body: () throws(AssayError) -> Value
    ) throws(AssayError) -> Value {
        guard isNeeded else { return try body() }
        return try lock.withLock { (_) throws(AssayError) -> Value in try body() }
    }
}
