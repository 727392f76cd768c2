import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence

/// An answer with its times on the monotonic clock.
struct TimedAnswer: Sendable {
    var message: HTTPMessage
    var status: Int
    var sentAt: Int64
    var firstByteAt: Int64
    var endedAt: Int64
}

/// What one set of answers has for one exchange: the answer or why there is none, and what was
/// asked of dependencies on the way.
struct ArmAnswer: Sendable {
    /// The answer as it came; `nil` where there is none.
    var message: HTTPMessage?
    /// Its status.
    var status: Int?
    /// Why there is none.
    var failure: ExchangeOutcome.Failure?
    /// What was asked of dependencies; `nil` where that is not known.
    var egress: EgressBook.Summary?
    /// When it was sent and when its first byte and its end came, on the monotonic clock.
    var times: Times?

    struct Times: Hashable, Sendable {
        var sentAt: Int64, firstByteAt: Int64, endedAt: Int64
    }

    /// The answer as it is compared; made anew at each call.
    var answer: Answer? {
        guard let message, let status else { return nil }
        return Answer(
            status: status, headers: message.head.fields.map { ($0.name, $0.value) },
            body: message.body)
    }

    /// What stands in a row for this arm.
    var outcome: ExchangeOutcome.ArmOutcome {
        ExchangeOutcome.ArmOutcome(
            status: status, failure: failure, unmatchedEgress: egress?.unmatched ?? 0)
    }
}

extension ArmAnswer {
    /// What came of sending.
    init(_ sent: Result<TimedAnswer, ArmFailure>, egress: EgressBook.Summary?) {
        self.init(egress: egress)
        switch sent {
        case .success(let timed):
            message = timed.message
            status = timed.status
            times = Times(
                sentAt: timed.sentAt, firstByteAt: timed.firstByteAt, endedAt: timed.endedAt)
        case .failure(let failure):
            self.failure = failure.kind
        }
    }

    /// What production answered to a request of this method; without an answer where the recording
    /// cannot be read.
    init(recorded exchange: Exchange, method: String, calls: [EgressBook.Recorded]?) {
        self.init()
        if let calls { egress = EgressBook.Summary(asked: Set(calls.map(\.ask))) }
        do throws(AssayError) {
            let message = try HTTPMessage(exchange.response, role: .response(toMethod: method))
            status = message.head.status ?? 0
            self.message = message
        } catch {
            failure = .malformed
        }
    }
}

/// The answers of the live arms to one exchange.
struct ArmAnswers: Sendable {
    private let roles: [ArmPlan.Role]
    private var answers: [ArmAnswer?]

    init(of roles: [ArmPlan.Role]) {
        self.roles = roles
        answers = Array(repeating: nil, count: roles.count)
    }

    /// The answer of the arm in a role; `nil` where there is no such arm or it was not asked.
    subscript(role: ArmPlan.Role) -> ArmAnswer? {
        guard let index = roles.firstIndex(of: role) else { return nil }
        return answers[index]
    }

    /// The answer of the arm at a place in the plan.
    subscript(index: Int) -> ArmAnswer? {
        get { answers[index] }
        set { answers[index] = newValue }
    }

    /// Changes those that there are.
    mutating func change(
        _ body: (inout ArmAnswer) throws(AssayError) -> Void
    ) throws(AssayError) {
        for index in answers.indices {
            guard var answer = answers[index] else { continue }
            try body(&answer)
            answers[index] = answer
        }
    }

    /// Those that there are, with their roles, in the order of the plan. Makes no list of them.
    var all: some Sequence<(role: ArmPlan.Role, answer: ArmAnswer)> {
        zip(roles, answers).lazy.compactMap { role, answer in answer.map { (role, $0) } }
    }

    /// How many there are.
    var count: Int { answers.count { $0 != nil } }
}
