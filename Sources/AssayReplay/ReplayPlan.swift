public import AssayCapture
public import AssayCore
public import AssayEvidence
public import SystemPackage

/// Everything a replay needs to know, as a value that can be handed to another process as a file.
public struct ReplayPlan: Hashable, Sendable {
    /// The service's name.
    public var service: String
    /// The name the capture was asked by, as in `capture/core`, and its id.
    public var captureName: String
    public var capture: Digest
    /// The store that holds the capture and takes the evidence.
    public var store: FilePath
    /// The directory beneath which this run has one of its own.
    public var runs: FilePath
    /// The live arms; a candidate, mostly with a baseline and a repeat of it.
    public var arms: [ArmPlan]
    /// Which bundles production had, the earliest first: tells who gave a recorded answer that
    /// carries no stamp.
    public var history: [Tenure]
    /// How answers are compared.
    public var rules: ComparisonRules
    /// What answers go through before they are compared, the rules of recordings; `nil` for nothing.
    public var redaction: RedactionRules?
    /// Draws the order of the arms, the sample and the hash seeds.
    public var seed: UInt64
    /// When requests are sent.
    public var pacing: Pacing
    /// Exchanges in flight at most.
    public var concurrency: Int
    /// Requests to replay, by whole sessions; `nil` for all.
    public var sample: Int?
    /// Whether the arms are served side by side.
    public var arrangement: Arrangement
    /// The part of the capture that is replayed; `nil` for all of it.
    public var shard: ReplayShard?
    /// How many exchanges are sent at most, and for how long; what is left can be replayed later.
    public var maximumExchanges: Int?, maximumTime: Duration?
    /// Evidence that this run goes on from: of one that was stopped, or of all shards.
    public var parts: [Digest]
    /// The ref that keeps what was done when the run is stopped, as in `evidence/S/partial-…`.
    public var partialRef: String?
    /// The ref that keeps what arms answered which are served one after another, and the answers that
    /// this run goes on from.
    public var answersRef: String?, answers: Digest?
    /// Which command goes on from what is kept.
    public var continuation = Continuation.none
    /// How often that is kept while the replay goes on, for a run that is killed; never more than a
    /// twentieth of the time goes into it.
    public var checkpointEvery: Duration = .seconds(30)
    /// Processes of each arm, which share its requests.
    public var replicas: Int
    /// How long stubs take to answer.
    public var egressLatency: EgressLatency
    /// The file that answers calls of dependencies which were not recorded; `nil` for none.
    public var supplied: SuppliedFile?
    /// The routes of the service; the first that matches a request decides whether it is sent.
    public var routes: [ExchangeRules.Route]
    /// What the arms are kept from.
    public var isolation: Evidence.Isolation
    /// The memory and processor time that each process of an arm may take.
    public var limits: Limits
    /// How differences are looked at again.
    public var confirmation: Confirmation
    /// How often an arm may be started again after a crash or a hang.
    public var maximumRestarts: Int
    /// How long one answer may take, and how many bytes it may have.
    public var requestTimeout: Duration
    public var answerLimit: Int
    /// The version of the tool, for the evidence.
    public var tool: String

    /// Makes a plan with the usual limits.
    public init(
        service: String, captureName: String, capture: Digest, store: FilePath, runs: FilePath,
        arms: [ArmPlan], history: [Tenure] = [], rules: ComparisonRules = ComparisonRules(),
        redaction: RedactionRules? = nil, seed: UInt64 = 1,
        pacing: Pacing = .max, concurrency: Int = 8, sample: Int? = nil,
        arrangement: Arrangement = .interleaved, shard: ReplayShard? = nil,
        maximumExchanges: Int? = nil, maximumTime: Duration? = nil,
        parts: [Digest] = [], partialRef: String? = nil, replicas: Int = 1,
        egressLatency: EgressLatency = .none, supplied: SuppliedFile? = nil,
        routes: [ExchangeRules.Route] = [],
        isolation: Evidence.Isolation = .sandbox, limits: Limits = Limits(),
        confirmation: Confirmation = Confirmation(),
        maximumRestarts: Int = 3, requestTimeout: Duration = .seconds(30),
        answerLimit: Int = 64 << 20, tool: String
    ) {
        self.service = service
        self.captureName = captureName
        self.capture = capture
        self.store = store
        self.runs = runs
        self.arms = arms
        self.history = history
        self.rules = rules
        self.redaction = redaction
        self.seed = seed
        self.pacing = pacing
        self.concurrency = concurrency
        self.sample = sample
        self.arrangement = arrangement
        self.shard = shard
        self.maximumExchanges = maximumExchanges
        self.maximumTime = maximumTime
        self.parts = parts
        self.partialRef = partialRef
        self.replicas = replicas
        self.egressLatency = egressLatency
        self.supplied = supplied
        self.routes = routes
        self.isolation = isolation
        self.limits = limits
        self.confirmation = confirmation
        self.maximumRestarts = maximumRestarts
        self.requestTimeout = requestTimeout
        self.answerLimit = answerLimit
        self.tool = tool
    }

    /// When requests are sent.
    public enum Pacing: Hashable, Sendable {
        /// As soon as one of the places in flight is free: a closed loop.
        case max
        /// At the capture's own times, this many times as fast: an open loop.
        case schedule(speed: Double)
        /// At this many exchanges per second: an open loop.
        case rate(Double)

        /// The pacing that evidence tells of. Throws `.unsupported` for one that is not known.
        public init(_ pacing: Evidence.Pacing) throws(AssayError) {
            switch (pacing.mode, pacing.value) {
            case ("max", nil): self = .max
            case ("schedule", let speed?): self = .schedule(speed: speed)
            case ("rate", let rate?): self = .rate(rate)
            default:
                throw AssayError(
                    .unsupported, "a pacing of mode \(pacing.mode) is not known to this version")
            }
        }
    }

    /// What a service with all beneath it may take; `nil` for as much as there is.
    public struct Limits: Hashable, Sendable {
        /// Bytes of memory.
        public var memory: Int?
        /// Processors; parts of one too.
        public var cpus: Double?

        public init(memory: Int? = nil, cpus: Double? = nil) {
            self.memory = memory
            self.cpus = cpus
        }

        /// The bounds as evidence has them among the facts of an arm's environment.
        public var facts: [String: String] {
            var facts: [String: String] = [:]
            if let memory { facts["limit.memory"] = "\(memory) bytes" }
            if let cpus { facts["limit.cpus"] = cpus.fixed(2) }
            return facts
        }
    }

    /// Which command goes on where a replay was stopped.
    public enum Continuation: String, Hashable, Sendable, CaseIterable {
        /// None: nobody knows that the next replay is of the same.
        case none
        /// The same.
        case same
        /// The same without `--fresh`.
        case withoutFresh = "without-fresh"

        /// Says so, as the end of a sentence; `nil` where there is nothing to say.
        public var sentence: String? {
            switch self {
            case .none: nil
            case .same: "the same command goes on from there"
            case .withoutFresh: "the same command without --fresh goes on from there"
            }
        }
    }

    /// Whether the arms are served side by side.
    public enum Arrangement: String, Hashable, Sendable, CaseIterable {
        /// All at once; each exchange is sent to one after another, in a random order.
        case interleaved
        /// One after another, for models of which only one fits. Their latencies cannot be compared.
        case sequential
    }

    /// How long a stub takes to answer a recorded call.
    public enum EgressLatency: String, Hashable, Sendable, CaseIterable {
        /// As long as the dependency took when it was recorded.
        case recorded
        /// No time at all.
        case none
    }

    /// How differences between baseline and candidate are sent again before they count.
    public struct Confirmation: Hashable, Sendable {
        /// Fresh processes of each of the two arms; 0 sends nothing again.
        public var processes: Int
        /// Exchanges sent again for each group of like differences, at most.
        public var budget: Int

        public init(processes: Int = 5, budget: Int = 200) {
            self.processes = processes
            self.budget = budget
        }
    }

    /// A bundle that production had from a time on, until the next one came.
    public struct Tenure: Hashable, Sendable {
        /// Since when, in nanoseconds since 1970.
        public var since: Int64
        /// The bundle.
        public var bundle: Digest

        public init(since: Int64, bundle: Digest) {
            self.since = since
            self.bundle = bundle
        }
    }

    /// The bundle that production had at a time, in nanoseconds since 1970; `nil` if that is unknown.
    func bundle(at time: Int64) -> Digest? {
        history.last { $0.since <= time }?.bundle
    }

    /// The arm in a role, when the plan has it.
    public func arm(_ role: ArmPlan.Role) -> ArmPlan? { arms.first { $0.role == role } }

    /// Throws `.interrupted` when the task that carries the plan out was cancelled.
    func checkCancellation() throws(AssayError) {
        guard !Task.isCancelled else {
            throw AssayError(.interrupted, "stopped during the replay of \(captureName)")
        }
    }

    /// Throws `.usage` with the first thing that makes the plan impossible to run.
    public func validate() throws(AssayError) {
        func refuse(_ sentence: String, hint: String? = nil) -> AssayError {
            AssayError(.usage, "could not replay \(captureName): \(sentence)", hint: hint)
        }
        guard !arms.isEmpty else { throw refuse("the plan has no arm to send requests to") }
        guard Set(arms.map(\.role)).count == arms.count else {
            throw refuse("the plan names an arm twice")
        }
        guard arm(.baseline) != nil || !arms.contains(where: \.role.isRepeat) else {
            throw refuse("the plan has a repeat without a baseline")
        }
        guard arms.allSatisfy({ $0.address != nil || !$0.command.isEmpty }) else {
            throw refuse("an arm has no serve command")
        }
        if let arm = arms.first(where: { $0.address != nil }) {
            guard isolation != .sandbox else {
                throw refuse(
                    "the sandbox has a network of its own, from which "
                        + "\(arm.address?.url ?? "") cannot be reached",
                    hint: "give `--isolation process`")
            }
            guard arm.egress.isEmpty else {
                throw refuse("a service that runs already cannot be given stubs")
            }
        }
        guard supplied == nil || arms.contains(where: { !$0.egress.isEmpty }) else {
            throw refuse(
                "\(supplied?.name ?? "") answers calls of dependencies, and no arm declares one",
                hint: "declare them under `serve: {egress: …}` in assay.yaml, or leave "
                    + "--egress-answers out")
        }
        guard limits.memory ?? 1 > 0, limits.cpus ?? 1 >= 0.01, limits.cpus ?? 1 <= 10_000 else {
            throw refuse("an arm may take no memory or no processor time")
        }
        guard replicas > 0 else { throw refuse("there are \(replicas) replicas, not 1 or more") }
        guard concurrency >= replicas else {
            throw refuse(
                "\(replicas) replicas cannot be kept busy with \(concurrency) in flight",
                hint: "raise `--concurrency`")
        }
        guard concurrency > 0 else {
            throw refuse("the concurrency is \(concurrency), not 1 or more")
        }
        switch pacing {
        case .max: break
        case .schedule(let value), .rate(let value):
            guard value.isFinite, value > 0 else {
                throw refuse("the speed or rate is \(value), not above zero")
            }
        }
        guard checkpointEvery > .zero else {
            throw refuse("what was replayed would be kept all the time")
        }
        guard maximumExchanges ?? 1 > 0, maximumTime ?? .seconds(1) > .zero else {
            throw refuse("it may take no time or send no exchange")
        }
        guard shard == nil || confirmation.processes == 0 else {
            throw refuse("a shard does not confirm; merging the shards does")
        }
        guard sample ?? 1 > 0 else { throw refuse("the sample has no request") }
        guard confirmation.processes >= 0, confirmation.budget >= 0, maximumRestarts >= 0 else {
            throw refuse("a limit is negative")
        }
    }
}
