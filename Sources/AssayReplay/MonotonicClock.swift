import NIOCore

/// The clock that requests are timed and scheduled on.
enum MonotonicClock {
    /// Nanoseconds since some moment in the past; never goes back.
    static var now: Int64 { Int64(bitPattern: NIODeadline.now().uptimeNanoseconds) }
}
