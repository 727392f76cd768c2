import AssayCore

/// How often and after which wait a failed exchange with a registry is tried again.
public struct RetryPolicy: Sendable {
    /// How often in all.
    public var attempts: Int
    /// The wait before the second attempt, doubled for each further one.
    public var base: Duration
    /// The longest wait, also where the registry asks for a longer one.
    public var longest: Duration

    /// Makes a policy.
    public init(
        attempts: Int = 6, base: Duration = .milliseconds(250), longest: Duration = .seconds(30)
    ) {
        self.attempts = attempts
        self.base = base
        self.longest = longest
    }

    /// The wait after a failed attempt, counted from 1; `jitter` is between 0 and 1.
    ///
    /// What the registry asked for is kept to; otherwise the doubled wait, of which up to a half is
    /// taken off so that many clients do not come back at once.
    func wait(after attempt: Int, asked: Duration?, jitter: Double) -> Duration {
        if let asked { return min(asked, longest) }
        let doubled = min(base * (1 << min(attempt - 1, 20)), longest)
        return doubled * (1 - jitter / 2)
    }

    /// Whether a status says that another attempt may go better.
    static func isTransient(_ status: Int) -> Bool {
        status == 408 || status == 429 || (500...599).contains(status) && status != 501
    }

    /// The seconds of a `Retry-After`; `nil` if there is none, or a date.
    static func delay(_ retryAfter: String?) -> Duration? {
        retryAfter.flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds(min($0, 86_400)) : nil }
    }
}

/// A failure that may go away by itself.
struct TransientFailure: Error {
    /// What is said if it does not.
    let error: AssayError
    /// The wait that the registry asked for.
    var retryAfter: Duration?
    /// Whether the attempt brought something that the next one builds on.
    var madeProgress = false
}
