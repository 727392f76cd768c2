import NIOCore

/// Runs tasks on the thread of an event loop, so that a task and the channels it waits for never
/// hand each other over between threads.
final class EventLoopTaskExecutor: TaskExecutor {
    /// The event loop.
    let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { [self] in
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
