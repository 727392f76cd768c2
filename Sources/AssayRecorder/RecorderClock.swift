import Glibc

/// Times in nanoseconds since 1970 that never run backwards while a recorder runs.
struct RecorderClock: Sendable {
    private let offset: Int64

    init() {
        offset = Self.read(CLOCK_REALTIME) - Self.read(CLOCK_MONOTONIC)
    }

    var now: Int64 { offset + Self.read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
