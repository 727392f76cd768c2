import AssayCore
import AssaySystem
import Glibc

/// Runs a body on a thread of its own.
///
/// A child asks to be killed when the *thread* that made it ends, so children are made on threads
/// that live as long as they do, never on those of a pool.
enum DedicatedThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func run(_ body: @escaping @Sendable () -> Void) throws(AssayError) {
        let boxed = unsafe Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, boxed.toOpaque())
        guard status == 0 else {
            unsafe boxed.release()
            throw FileSystem.systemError("could not start a thread", number: status)
        }
        pthread_detach(thread)
    }
}
