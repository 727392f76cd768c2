public import AssayCore

/// What a replay found: the head document. Rows and timings are blobs of their own.
///
/// Equal inputs give equal bytes of `outcomes`; what depends on the clock is in `timings` and in
/// `latency`.
public struct Evidence: Hashable, Sendable {
    /// The service's name.
    public var service: String
    /// The capture that was replayed.
    public var capture: Capture
    /// The arms, recorded first.
    public var arms: [Arm]
    /// How answers were compared, and the digest of the canonical form of that.
    public var rules: ComparisonRules
    /// Draws the order of arms, the sample and hash seeds.
    public var seed: UInt64
    /// How requests were paced.
    public var pacing: Pacing
    /// What the arms were kept from.
    public var isolation: Isolation
    /// The version of the tool.
    public var tool: String
    /// Groups of equal differences, largest weight first.
    public var groups: [Group]
    /// Latency by arm name, from the intended start.
    public var latency: [String: Latency]
    /// How the driver kept its own schedule; `nil` where that was not kept.
    public var sending: Sending?
    /// Where every exchange went.
    public var ledger: LossLedger
    /// How many comparisons each rule hid or let pass, by pointer.
    public var suppressed: [String: Int]
    /// Which places the answers had; `nil` in evidence of earlier versions.
    public var places: AnswerPlaces?
    /// What redaction took out of it; `nil` where nothing was redacted, and in evidence of earlier
    /// versions.
    public var redaction: Redaction?
    /// Answers of dependencies that were supplied; `nil` where none were.
    public var supplied: Supplied?
    /// Of calls that nothing answered, lines that would answer them from a file: those that sort first.
    public var misses: [String] = []
    /// Notes on what could not be done or seen, as sentences.
    public var notes: [String]
    /// The blob of `ExchangeOutcome` rows: zstd NDJSON sorted by exchange id.
    public var outcomes: Digest
    /// The blob of timings: zstd NDJSON.
    public var timings: Digest?
    /// The blob of full answers kept as examples: zstd NDJSON.
    public var examples: Digest?

    /// Makes evidence.
    public init(
        service: String, capture: Capture, arms: [Arm], rules: ComparisonRules, seed: UInt64,
        pacing: Pacing, isolation: Isolation, tool: String, groups: [Group],
        latency: [String: Latency], ledger: LossLedger, suppressed: [String: Int],
        notes: [String], outcomes: Digest, timings: Digest?, examples: Digest?
    ) {
        self.service = service
        self.capture = capture
        self.arms = arms
        self.rules = rules
        self.seed = seed
        self.pacing = pacing
        self.isolation = isolation
        self.tool = tool
        self.groups = groups
        self.latency = latency
        self.ledger = ledger
        self.suppressed = suppressed
        self.notes = notes
        self.outcomes = outcomes
        self.timings = timings
        self.examples = examples
    }

    /// The capture as it was used.
    public struct Capture: Hashable, Sendable {
        /// The capture's id and the name it was asked by, as in `capture/core`.
        public var id: Digest, name: String
        /// All exchanges in it, those chosen, and the sessions of those.
        public var exchanges: Int, chosen: Int, sessions: Int
        /// The sample that was asked for, in requests; `nil` for all.
        public var sample: Int?
        /// The shard that was replayed, as in `2/8`; `nil` for all.
        public var shard: String?

        public init(
            id: Digest, name: String, exchanges: Int, chosen: Int, sessions: Int, sample: Int?
        ) {
            self.id = id
            self.name = name
            self.exchanges = exchanges
            self.chosen = chosen
            self.sessions = sessions
            self.sample = sample
        }
    }

    /// One set of answers.
    public struct Arm: Hashable, Sendable {
        /// `recorded`, `baseline`, `repeat`, `candidate`.
        public var name: String
        /// The bundle that answered, where it is known.
        public var bundle: Digest?
        /// Facts of its environment by key, as in `package.numpy` → `2.1.0`.
        public var environment: [String: String]
        /// How often it was started, and how often that was after a crash or hang.
        public var starts: Int, restarts: Int

        public init(
            name: String, bundle: Digest?, environment: [String: String] = [:], starts: Int = 0,
            restarts: Int = 0
        ) {
            self.name = name
            self.bundle = bundle
            self.environment = environment
            self.starts = starts
            self.restarts = restarts
        }
    }

    /// How requests were paced.
    public struct Pacing: Hashable, Sendable {
        /// `max` (closed loop), `schedule` (the capture's times, times `speed`) or `rate`.
        public var mode: String
        /// The speed or rate, where the mode has one.
        public var value: Double?
        /// Exchanges in flight at most.
        public var concurrency: Int

        public init(mode: String, value: Double?, concurrency: Int) {
            self.mode = mode
            self.value = value
            self.concurrency = concurrency
        }
    }

    /// What kept the arms from the world outside.
    public enum Isolation: String, Hashable, Sendable, CaseIterable {
        case sandbox, process, none
    }

    /// Differences of one comparison that are alike.
    public struct Group: Hashable, Sendable {
        /// Which answers were compared.
        public var comparison: ExchangeOutcome.Comparison
        /// Where, with array indices starred, and of what kind.
        public var route: String, path: String, kind: Difference.Kind
        /// Exchanges that show it, and of those the confirmed, the noise, and the not sent; what was
        /// sent and did not settle counts with the last.
        public var count: Int, confirmed: Int, noise: Int, notSent: Int
        /// The counts by slice field and value.
        public var slices: [String: [String: Int]]
        /// The exchange ids of up to five examples: those whose hashes are smallest, so that shards
        /// merge (see `DifferenceGroups`).
        public var examples: [String]

        public init(
            comparison: ExchangeOutcome.Comparison, route: String, path: String,
            kind: Difference.Kind, count: Int, confirmed: Int = 0, noise: Int = 0,
            notSent: Int = 0, slices: [String: [String: Int]] = [:], examples: [String] = []
        ) {
            self.comparison = comparison
            self.route = route
            self.path = path
            self.kind = kind
            self.count = count
            self.confirmed = confirmed
            self.noise = noise
            self.notSent = notSent
            self.slices = slices
            self.examples = examples
        }
    }

    /// Latency of one arm.
    public struct Latency: Hashable, Sendable {
        /// Answers that were timed.
        public var count: Int
        /// Quantiles in nanoseconds, from the intended start, by name: p50, p90, p99, max.
        public var quantiles: [String: Int64]
        /// The same from when the request was in fact sent: what the service took, without the time
        /// that a late sender adds. Empty in evidence of earlier versions.
        public var fromSend: [String: Int64] = [:]
        /// All latencies in the order of the exchanges, in microseconds, for intervals; at most
        /// 20,000, chosen by the exchange's hash.
        public var sample: [Int64]
        /// Why latency checks are void on this run; `nil` when they are not.
        public var void: String?

        public init(count: Int, quantiles: [String: Int64], sample: [Int64], void: String?) {
            self.count = count
            self.quantiles = quantiles
            self.sample = sample
            self.void = void
        }
    }
}
