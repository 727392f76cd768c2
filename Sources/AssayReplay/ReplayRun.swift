import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence
import AssayStore
import AssaySystem
import NIOCore
import NIOPosix
import SystemPackage

/// One replay while it runs.
struct ReplayRun: Sendable {
    let plan: ReplayPlan
    let store: Store
    let capture: Capture
    let directory: FilePath
    let bubblewrap: FilePath?
    let environment: [String: String]
    let threads: MultiThreadedEventLoopGroup
    let progress: @Sendable (ReplayProgress) -> Void
    let filter: RouteFilter

    /// Does it all: the main pass, the confirmation, the evidence.
    func perform() async throws(AssayError) -> Evidence {
        progress(ReplayProgress(phase: .starting))
        let judge = AnswerJudge(comparer: try AnswerComparer(rules: plan.rules))
        let chosen = try plan.sample.map { count throws(AssayError) in
            try capture.sample(requests: count, seed: plan.seed)
        }
        let total = chosen?.count ?? capture.summary.exchanges
        guard total > 0 else {
            throw AssayError(.usage, "could not replay \(plan.captureName): it has no exchange")
        }
        let shared = try sharedEgress()
        let collector = ReplayCollector(
            plan: plan, total: total, directory: directory, report: progress)
        let arms = try await makeArms(plan.arms, shared: shared, suffix: nil)
        var starts: [ArmPlan.Role: (starts: Int, restarts: Int)] = [:]
        let outcome = await mainPass(arms, chosen: chosen, judge: judge, collector: collector)
        var strays = 0
        for arm in arms {
            let counts = await arm.counts
            starts[arm.role, default: (0, 0)].starts += counts.starts
            starts[arm.role, default: (0, 0)].restarts += counts.restarts
            strays += arm.egress?.strayMisses ?? 0
        }
        await endAll(arms)
        var draft = EvidenceDraft(
            run: self, chosen: chosen, total: total, starts: starts, strayMisses: strays)
        do throws(AssayError) {
            try outcome.get()
        } catch {
            guard error.code == .service, await collector.replayed > 0 else { throw error }
            draft.notes.append("the replay ended early: \(error.message.prefix { $0 != "\n" })")
            let kept = try await draft.finish(collector, confirmations: [:])
            let digest = try store.put(kept.encode())
            try store.setRef("evidence/\(plan.service)/partial-\(digest.hex)", to: digest)
            throw AssayError(
                .service, error.message,
                hint: "what was replayed is kept: `assay show \(digest.short)`; "
                    + (error.hint ?? "see the last lines of the service"), cause: error.cause)
        }
        let confirmations = try await confirm(
            collector, shared: shared, judge: judge, draft: &draft)
        progress(ReplayProgress(phase: .finishing, done: total, total: total))
        return try await draft.finish(collector, confirmations: confirmations)
    }

    /// Ends arms, all at once.
    func endAll(_ arms: [LiveArm]) async {
        await withTaskGroup(of: Void.self) { group in
            for arm in arms { group.addTask { await arm.end() } }
        }
    }

    /// Prepares arms and starts them, all at once; when one does not get ready, the others are
    /// ended and its error is thrown.
    func makeArms(
        _ plans: [ArmPlan], shared: [EgressAsk: [UInt8]], suffix: Int?
    ) async throws(AssayError) -> [LiveArm] {
        var arms: [LiveArm] = []
        do throws(AssayError) {
            for arm in plans {
                // Confirmation looks at processes one by one.
                let replicas = suffix == nil && arm.address == nil ? plan.replicas : 1
                for replica in 1...replicas {
                    let more = replica == 1 ? "" : "-replica-\(replica)"
                    let name = suffix.map { "\(arm.role.rawValue)-confirm-\($0)" }
                    arms.append(
                        try await makeArm(
                            arm, shared: shared, name: name ?? arm.role.rawValue + more))
                }
            }
            let made = arms
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for arm in made { group.addTask { _ = try await arm.endpoint() } }
                    // The first that fails ends the wait of the others.
                    try await group.waitForAll()
                }
            } catch {
                throw AssayError.wrapping(error, "could not start the arms")
            }
        } catch {
            await endAll(arms)
            throw error
        }
        return arms
    }

    private func makeArm(
        _ arm: ArmPlan, shared: [EgressAsk: [UInt8]], name: String
    ) async throws(AssayError) -> LiveArm {
        let home = directory.appending("\(name).home")
        try FileSystem.makeDirectory(home, mode: 0o700)
        let eventLoop = threads.next()
        let egress =
            arm.egress.isEmpty
            ? nil : try await ArmEgress.start(
                    arm.egress, shared: shared, latency: plan.egressLatency, on: eventLoop)
        let launch = ServiceLaunch(
            plan: arm, isolation: plan.isolation, bubblewrap: bubblewrap, home: home,
            egress: egress?.variables ?? [:], inherited: environment)
        return LiveArm(
            name: name, launch: launch, egress: egress, logs: .logs(in: directory),
            seed: plan.seed, maximumRestarts: plan.maximumRestarts, on: eventLoop)
    }

    /// Executors of the event loops, one a thread.
    var executors: [EventLoopTaskExecutor] {
        threads.makeIterator().map { EventLoopTaskExecutor($0) }
    }

    private func mainPass(
        _ arms: [LiveArm], chosen: Set<String>?, judge: AnswerJudge, collector: ReplayCollector
    ) async -> Result<Void, AssayError> {
        let pass = ReplayPass(plan: plan, arms: arms, executors: executors, filter: filter)
        let plan = plan
        do throws(AssayError) {
            try await pass.run(try capture.reader(of: chosen), pacing: plan.pacing) {
                (results: [ReplayPass.Result]) async throws(AssayError) in
                try await collector.add(
                    results.map { JudgedExchange($0, plan: plan, judge: judge) })
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Recorded calls that any exchange, or none, may be answered with; the first of each key, up
    /// to a count.
    private func sharedEgress() throws(AssayError) -> [EgressAsk: [UInt8]] {
        guard plan.arms.contains(where: { !$0.egress.isEmpty }) else { return [:] }
        var shared: [EgressAsk: [UInt8]] = [:]
        var size = 0
        try capture.forEach { (exchange: Exchange) throws(AssayError) in
            for call in exchange.egress where size < 64 << 20 {
                let recorded = try EgressBook.Recorded(call)
                guard shared[recorded.ask] == nil else { continue }
                shared[recorded.ask] = recorded.response
                size += recorded.response.count + 256
            }
        }
        return shared
    }
}
