import AssayCapture
import AssayCore
import AssayEvidence

/// One place in flight: at most one exchange, and one connection to each arm. Used on one event
/// loop alone.
final class ArmLane {
    /// A connection that goes on over many exchanges, and to which start of the service it goes.
    final class Kept {
        let connection: ArmConnection
        let endpoint: LiveArm.Endpoint

        init(connection: ArmConnection, endpoint: LiveArm.Endpoint) {
            self.connection = connection
            self.endpoint = endpoint
        }
    }

    /// The services that this place sends to, in the order of the plan.
    let arms: [LiveArm]
    var connections: [Kept?]
    /// The exchange at hand.
    var job: ReplayJob?
    /// How late it was sent.
    var lateness: Int64 = 0
    /// The arms in the order in which they are asked, and how many were.
    var order: [Int] = []
    var asked = 0
    var answers: ArmAnswers
    private let roles: [ArmPlan.Role]

    init(_ arms: [LiveArm]) {
        self.arms = arms
        roles = arms.map(\.role)
        connections = Array(repeating: nil, count: arms.count)
        answers = ArmAnswers(of: roles)
    }

    /// Takes an exchange. The arms are asked in an order that its id and the seed decide.
    func begin(_ job: ReplayJob, lateness: Int64, seed: UInt64) {
        self.job = job
        self.lateness = lateness
        asked = 0
        answers = ArmAnswers(of: roles)
        if arms.count > 1 {
            var generator = SplitMix64(seed: seed, name: job.exchange.id)
            order = arms.indices.shuffled(using: &generator)
        } else if order.isEmpty {
            order = [0]
        }
    }

    /// The arm that is asked now; `nil` when all were.
    var current: Int? { asked < order.count ? order[asked] : nil }

    /// Tells the stubs of an arm that it is asked.
    func beginEgress(of arm: Int) {
        guard let job, let egress = arms[arm].egress else { return }
        egress.begin(exchange: job.exchange.id, trace: job.trace, calls: job.calls)
    }

    /// Takes what an arm answered.
    func take(_ sent: Result<TimedAnswer, ArmFailure>, from arm: Int) {
        let summary = job.flatMap { arms[arm].egress?.end(exchange: $0.exchange.id) }
        answers[arm] = ArmAnswer(sent, egress: summary)
        asked += 1
    }
}
