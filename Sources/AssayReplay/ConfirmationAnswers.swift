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
    private var sizes: [String: Int] = [:]
    private var size = 0
    private var barrier: RankedExchange?
    private let byteLimit: Int
    /// Exchanges that were given up, because their answers would not fit into memory.
    private(set) var givenUp: Set<String> = []

    /// Bytes of answers that are held at most.
    static let byteLimit = 256 << 20

    init(byteLimit: Int = ConfirmationAnswers.byteLimit) {
        self.byteLimit = byteLimit
    }

    /// Takes an answer of one process, old or new.
    ///
    /// Where they do not all fit, those exchanges are kept that come first by hash, in whatever order
    /// the answers came.
    func add(_ answer: ArmAnswer, of exchange: Exchange, isOld: Bool) {
        let ranked = RankedExchange(exchange.id)
        guard barrier.map({ ranked < $0 }) ?? true else {
            givenUp.insert(exchange.id)
            return
        }
        let bytes = (answer.message?.bytes.count ?? 0) + 512
        size += bytes
        sizes[exchange.id, default: 0] += bytes
        while size > byteLimit, let last = sizes.keys.map(RankedExchange.init).max() {
            barrier = last
            givenUp.insert(last.exchange)
            sides[last.exchange] = nil
            size -= sizes.removeValue(forKey: last.exchange) ?? 0
        }
        guard sizes[exchange.id] != nil else { return }
        if isOld {
            sides[exchange.id, default: Sides(route: exchange.route)].old.append(answer)
        } else {
            sides[exchange.id, default: Sides(route: exchange.route)].new.append(answer)
        }
    }
}
