public import AssayCore
import Glibc

/// A thread that its maker waits for, or lets go.
public struct JoinableThread: ~Copyable {
    private let thread: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread; whoever starts one must `join` or `detach` it.
    public init(_ body: @escaping @Sendable () -> Void) throws(AssayError) {
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
        self.thread = thread
    }

    /// Waits until the body has returned.
    public consuming func join() {
        pthread_join(thread, nil)
    }

    /// Lets the thread run on by itself.
    public consuming func detach() {
        pthread_detach(thread)
    }
}
