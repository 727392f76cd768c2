import AssayCapture
import AssayComparison
import AssayEvidence

/// The answers that fresh processes gave to the exchanges that are looked at again.
actor ConfirmationAnswers {
    /// What is known of one exchange.
    struct Sides: Sendable {
        var route: String
        /// The answers of each process of the two arms.
        var old: [ArmAnswer] = [], new: [ArmAnswer] = []
    }

    private(set) var sides: [String: Sides] = [:]
    private var size = 0
    /// Exchanges that were given up, because their answers would not fit into memory.
    private(set) var givenUp: Set<String> = []

    /// Bytes of answers that are held at most.
    static let byteLimit = 256 << 20

    /// Takes an answer of one process, old or new.
    func add(_ answer: ArmAnswer, of exchange: Exchange, isOld: Bool) {
        guard !givenUp.contains(exchange.id) else { return }
        size += (answer.message?.bytes.count ?? 0) + 512
        guard size <= Self.byteLimit else {
            givenUp.insert(exchange.id)
            sides[exchange.id] = nil
            return
        }
        if isOld {
            sides[exchange.id, default: Sides(route: exchange.route)].old.append(answer)
        } else {
            sides[exchange.id, default: Sides(route: exchange.route)].new.append(answer)
        }
    }
}
