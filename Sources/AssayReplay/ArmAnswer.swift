import AssayComparison
import AssayEvidence

/// An answer with its times on the monotonic clock.
struct TimedAnswer: Sendable {
    var answer: Answer
    var sentAt: Int64
    var firstByteAt: Int64
    var endedAt: Int64

    var status: Int { answer.status }
}

/// What one set of answers has for one exchange: the answer or why there is none, and what was
/// asked of dependencies on the way.
struct ArmAnswer: Sendable {
    /// The answer; `nil` where there is none.
    var answer: Answer?
    /// Why there is none.
    var failure: ExchangeOutcome.Failure?
    /// What was asked of dependencies; `nil` where that is not known.
    var egress: EgressBook.Summary?
    /// When it was sent and when its first byte and its end came, on the monotonic clock.
    var times: Times?

    struct Times: Hashable, Sendable {
        var sentAt: Int64, firstByteAt: Int64, endedAt: Int64
    }

    /// What stands in a row for this arm.
    var outcome: ExchangeOutcome.ArmOutcome {
        ExchangeOutcome.ArmOutcome(
            status: answer?.status, failure: failure, unmatchedEgress: egress?.unmatched ?? 0)
    }
}
