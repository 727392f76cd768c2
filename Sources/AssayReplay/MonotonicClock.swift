import NIOCore

/// The clock that requests are timed and scheduled on.
enum MonotonicClock {
    /// Nanoseconds since some moment in the past; never goes back.
    static var now: Int64 { Int64(bitPattern: NIODeadline.now().uptimeNanoseconds) }

    /// Waits until a time on this clock, on the event loop of the task; returns early when the
    /// task is cancelled.
    static func sleep(until time: Int64, on eventLoop: any EventLoop) async {
        // A long way by the task's own sleep, which ends when the task is cancelled, and the rest
        // by the event loop, whose timers are finer.
        let fine: Int64 = 20_000_000
        let ahead = time - now
        if ahead > fine { try? await Task.sleep(for: .nanoseconds(ahead - fine)) }
        guard !Task.isCancelled, time > now else { return }
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(time))
        // Only a loop that shuts down fails it, and then nobody waits any more.
        _ = try? await eventLoop.scheduleTask(deadline: deadline) {}.futureResult.get()
    }
}
