import AssayCore
import AssayEvidence
import AssaySystem
import NIOCore
import Synchronization

/// The process of one arm over the time of a replay: started, watched, started again after a crash
/// or a hang, up to a limit.
actor LiveArm {
    /// Which arm it is.
    nonisolated let role: ArmPlan.Role
    /// Its name in logs and messages, as in `candidate` or `confirm-candidate-2`.
    nonisolated let name: String
    /// What it asks of its dependencies, and what it is told.
    nonisolated let egress: ArmEgress?

    /// A running service, as those who send to it see it.
    struct Endpoint: Sendable {
        var address: SocketAddress
        /// The service, where it was started here.
        var service: RunningService?
        /// Counts the starts, so that connections to an earlier process are told apart.
        var generation: Int
    }

    private let launch: ServiceLaunch
    private let logs: OutputPlace
    private let seed: UInt64
    private let maximumRestarts: Int
    private let eventLoop: any EventLoop
    private nonisolated let published = Mutex<Endpoint?>(nil)
    private nonisolated let timeouts = Atomic<Int>(0)
    private var fault: AssayError?
    private var isStarting = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var starts = 0
    private var restarts = 0

    /// Timeouts in a row, without an answer between, that count as a hang.
    static let hangLimit = 3

    init(
        name: String, launch: ServiceLaunch, egress: ArmEgress?, logs: OutputPlace, seed: UInt64,
        maximumRestarts: Int, on eventLoop: any EventLoop
    ) {
        role = launch.plan.role
        self.name = name
        self.launch = launch
        self.egress = egress
        self.logs = logs
        self.seed = seed
        self.maximumRestarts = maximumRestarts
        self.eventLoop = eventLoop
    }

    /// How often it was started, and how often that was after a crash or hang.
    var counts: (starts: Int, restarts: Int) { (starts, restarts) }

    /// Whether it gave no answer so often that it has to be started again.
    nonisolated var isHung: Bool { timeouts.load(ordering: .relaxed) >= Self.hangLimit }

    /// Where to send, at once when the process runs; else it is started first.
    ///
    /// Throws `.service` when it does not get ready or may not be started again.
    nonisolated func endpoint() async throws(AssayError) -> Endpoint {
        if !isHung,
            let endpoint = published.withLock({ $0 }), endpoint.service?.process.exit == nil
        {
            return endpoint
        }
        return try await started()
    }

    /// Whether the process of a generation is known to have ended, waiting a little for the news.
    nonisolated func hasEnded(_ endpoint: Endpoint, within patience: Duration) async -> Bool {
        await endpoint.service?.process.exit(within: patience) != nil
    }

    /// Notes that an answer did or did not come within its time.
    nonisolated func note(timedOut: Bool) {
        if timedOut {
            timeouts.add(1, ordering: .relaxed)
        } else if timeouts.load(ordering: .relaxed) != 0 {
            timeouts.store(0, ordering: .relaxed)
        }
    }

    /// Kills the process at once, from any thread; for a cancelled run.
    nonisolated func kill() {
        published.withLock { $0 }?.service?.process.signal(9)
    }

    /// Ends the process and the stubs.
    func end() async {
        while isStarting { await withCheckedContinuation { waiters.append($0) } }
        fault = fault ?? AssayError(.interrupted, "\(name) was ended")
        if let endpoint = published.withLock({ $0 }) { await endpoint.service?.end() }
        await egress?.close()
        launch.group?.remove()
    }

    private func started() async throws(AssayError) -> Endpoint {
        while isStarting { await withCheckedContinuation { waiters.append($0) } }
        if let fault { throw fault }
        let old = published.withLock { $0 }
        let isHung = isHung
        if let old, old.service?.process.exit == nil, !isHung { return old }
        isStarting = true
        defer {
            isStarting = false
            for waiter in waiters { waiter.resume() }
            waiters = []
        }
        do throws(AssayError) {
            if let address = launch.plan.address {
                return try await publishRunning(address, isHung: isHung)
            }
            if let service = old?.service { try await retire(service, isHung: isHung) }
            return try await startAgain()
        } catch {
            fault = error
            throw error
        }
    }

    /// Takes a service that runs already as it is. Throws `.service` when nothing listens there or
    /// it hangs: nobody here can start it again.
    private func publishRunning(
        _ address: ServiceAddress, isHung: Bool
    ) async throws(AssayError) -> Endpoint {
        guard !isHung else {
            throw AssayError(
                .service,
                "\(name) at \(address.url) gave no answer \(Self.hangLimit) times in a row",
                hint: "see whether it still runs")
        }
        let endpoint = Endpoint(address: try address.resolved(), generation: 1)
        do throws(ArmFailure) {
            try await ArmConnection.open(endpoint.address, on: eventLoop).close()
        } catch {
            throw AssayError(
                .service, "\(name) accepts no connection at \(address.url)",
                hint: "start the service first")
        }
        published.withLock { $0 = endpoint }
        return endpoint
    }

    private func retire(_ old: RunningService, isHung: Bool) async throws(AssayError) {
        let what =
            old.process.exit?.sentence ?? "gave no answer \(Self.hangLimit) times in a row"
        await old.end()
        timeouts.store(0, ordering: .relaxed)
        guard !Task.isCancelled else {
            throw AssayError(.interrupted, "stopped while \(name) was restarted")
        }
        guard restarts < maximumRestarts else {
            throw AssayError(
                .service,
                "\(name) \(what) after \(restarts) restarts, and may not be started again"
                    + old.lastLines,
                hint: "see what makes it fail, or raise `--max-restarts`")
        }
        restarts += 1
    }

    private func startAgain() async throws(AssayError) -> Endpoint {
        starts += 1
        var generator = SplitMix64(seed: seed, name: "\(name)/\(starts)")
        let service = try await RunningService.start(
            launch, name: starts == 1 ? name : "\(name).start-\(starts)", logs: logs,
            hashSeed: UInt32.random(in: 1...UInt32.max, using: &generator), on: eventLoop)
        let endpoint = Endpoint(
            address: try ServiceAddress.loopback(port: service.port).resolved(), service: service,
            generation: starts)
        published.withLock { $0 = endpoint }
        return endpoint
    }
}
