import AssayCore
import AssaySystem

/// Runs a body on a thread of its own.
///
/// A child asks to be killed when the *thread* that made it ends, so children are made on threads
/// that live as long as they do, never on those of a pool.
enum DedicatedThread {
    static func run(_ body: @escaping @Sendable () -> Void) throws(AssayError) {
        try JoinableThread(body).detach()
    }
}
