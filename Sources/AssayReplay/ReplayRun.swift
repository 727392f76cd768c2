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
    let redaction: ReplayRedaction?
    let threads: MultiThreadedEventLoopGroup
    let progress: @Sendable (ReplayProgress) -> Void

    /// Does it all: what earlier parts left, the main pass, the confirmation, the evidence.
    func perform() async throws(AssayError) -> Evidence {
        progress(ReplayProgress(phase: .starting))
        let judge = AnswerJudge(comparer: try AnswerComparer(rules: plan.rules))
        let selection = try ReplaySelection(plan, of: capture)
        // A shard to which no session falls has evidence too, so that shards can be merged.
        guard selection.total > 0 || plan.shard != nil else {
            throw AssayError(.usage, "could not replay \(plan.captureName): it has no exchange")
        }
        let collector = ReplayCollector(
            plan: plan, total: selection.total, directory: directory, report: progress)
        var draft = EvidenceDraft(
            run: self, selection: selection, places: judge.places,
            comparedHeaders: judge.headers)
        try await takeUpParts(collector, draft: &draft)
        let filter = ExchangeFilter(
            shard: plan.shard, done: await collector.restored, routes: plan.routes)
        draft.filter = filter
        let shared = try sharedEgress()
        // What the look ahead has counted stands where there is nothing to send.
        let isMore =
            try plan.parts.isEmpty
            ? selection.total > 0 : hasMore(for: filter, of: selection)
        if isMore {
            filter.forget()
            do throws(AssayError) {
                switch plan.arrangement {
                case .interleaved:
                    let arms = try await makeArms(plan.arms, shared: shared, suffix: nil)
                    let outcome = await mainPass(
                        arms, selection: selection, filter: filter, judge: judge,
                        collector: collector, draft: draft)
                    for arm in arms { draft.count(await arm.counts, of: arm) }
                    await endAll(arms)
                    try outcome.get()
                case .sequential:
                    try await sequentialPass(
                        selection: selection, filter: filter, judge: judge, shared: shared,
                        collector: collector, draft: &draft)
                }
            } catch {
                throw await keep(collector, draft, after: error)
            }
        }
        do throws(AssayError) {
            let confirmations = try await confirm(
                collector, shared: shared, judge: judge, draft: &draft)
            progress(
                ReplayProgress(phase: .finishing, done: selection.total, total: selection.total))
            return try await draft.finish(collector, confirmations: confirmations)
        } catch {
            throw await keep(collector, draft, after: error)
        }
    }

    /// Takes up the evidence that this run goes on from.
    private func takeUpParts(
        _ collector: ReplayCollector, draft: inout EvidenceDraft
    ) async throws(AssayError) {
        for digest in plan.parts {
            let part = try EvidenceBlobs.evidence(digest, store: store)
            try await collector.restore(part, store: store)
            // Earlier versions did not count places.
            try draft.places.add(part.places ?? AnswerPlaces(exchanges: 0, values: nil))
            draft.uncompared.formUnion(part.redaction?.uncompared ?? [])
            for arm in part.arms {
                guard let role = ArmPlan.Role(rawValue: arm.name) else { continue }
                draft.starts[role, default: (0, 0)].starts += arm.starts
                draft.starts[role, default: (0, 0)].restarts += arm.restarts
            }
        }
    }

    /// Whether an exchange is left that the filter admits.
    private func hasMore(
        for filter: ExchangeFilter, of selection: ReplaySelection
    ) throws(AssayError) -> Bool {
        var reader = try capture.reader(of: selection.chosen)
        while let exchange = try reader.next() {
            let head = try exchange.requestHead()
            if filter.admits(exchange, head: head) { return true }
        }
        return false
    }

    /// Keeps what was replayed so far when that is due, so that a run that is killed can go on.
    private func checkpoint(
        _ collector: ReplayCollector, _ draft: EvidenceDraft, _ gate: CheckpointGate
    ) async throws(AssayError) {
        guard let name = plan.partialRef, await collector.beginsCheckpoint() else { return }
        await gate.close()
        let kept: Result<Evidence, AssayError>
        do throws(AssayError) {
            kept = .success(try await draft.finish(collector, confirmations: [:]))
        } catch {
            kept = .failure(error)
        }
        await gate.open()
        try store.setRef(name, to: try store.put(try kept.get().encode()))
        await collector.wasKept()
    }

    /// Keeps what was replayed before a failure or an interruption; gives the error to throw.
    private func keep(
        _ collector: ReplayCollector, _ draft: EvidenceDraft, after error: AssayError
    ) async -> AssayError {
        guard error.code == .service || error.code == .interrupted, await collector.replayed > 0
        else { return error }
        var draft = draft
        draft.notes.append("the replay ended early: \(error.message.prefix { $0 != "\n" })")
        do throws(AssayError) {
            let kept = try await draft.finish(collector, confirmations: [:])
            let digest = try store.put(kept.encode())
            let name = plan.partialRef ?? "evidence/\(plan.service)/partial-\(digest.hex)"
            try store.setRef(name, to: digest)
            let goesOn = plan.partialRef == nil ? "" : ", and the same command goes on from there"
            return AssayError(
                error.code, error.message,
                hint: "what was replayed is kept: `assay show \(digest.short)`\(goesOn)"
                    + (error.hint.map { "; \($0)" } ?? ""), cause: error.cause)
        } catch let fault {
            return AssayError(
                error.code,
                "\(error.message); and what was replayed could not be kept: "
                    + fault.message, hint: error.hint, cause: error.cause)
        }
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
            ? nil
            : try await ArmEgress.start(
                arm.egress, shared: shared, latency: plan.egressLatency,
                redaction: redaction, on: eventLoop)
        var group: ControlGroup?
        if plan.limits != ReplayPlan.Limits(), arm.address == nil {
            let run = directory.lastComponent?.string ?? "run"
            group = try ControlGroup.make(named: "assay-\(run)-\(name)", limits: plan.limits)
        }
        let launch = ServiceLaunch(
            plan: arm, isolation: plan.isolation, bubblewrap: bubblewrap, group: group, home: home,
            egress: egress?.variables ?? [:], inherited: environment, redaction: redaction)
        return LiveArm(
            name: name, launch: launch, egress: egress, logs: .logs(in: directory),
            seed: plan.seed, maximumRestarts: plan.maximumRestarts, on: eventLoop)
    }

    /// Executors of the event loops, one a thread.
    var executors: [EventLoopTaskExecutor] {
        threads.makeIterator().map { EventLoopTaskExecutor($0) }
    }

    private func mainPass(
        _ arms: [LiveArm], selection: ReplaySelection, filter: ExchangeFilter, judge: AnswerJudge,
        collector: ReplayCollector, draft: EvidenceDraft
    ) async -> Result<Void, AssayError> {
        let pass = ReplayPass(
            plan: plan, arms: arms, executors: executors, filter: filter,
            redaction: redaction,
            limit: plan.maximumExchanges ?? .max,
            deadline: plan.maximumTime.map { MonotonicClock.now + $0.nanoseconds })
        let plan = plan
        let gate = CheckpointGate()
        do throws(AssayError) {
            try await pass.run(try capture.reader(of: selection.chosen), pacing: plan.pacing) {
                (results: [ReplayPass.Result]) async throws(AssayError) in
                await gate.enter()
                do throws(AssayError) {
                    try await collector.add(
                        results.map { result throws(AssayError) in
                            try JudgedExchange(result, plan: plan, judge: judge)
                        })
                } catch {
                    await gate.leave()
                    throw error
                }
                await gate.leave()
                try await checkpoint(collector, draft, gate)
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
