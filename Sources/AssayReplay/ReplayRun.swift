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
            plan: plan, directory: directory, report: progress)
        var draft = EvidenceDraft(
            run: self, selection: selection, places: judge.places,
            comparedHeaders: judge.headers)
        let shared = try sharedEgress()
        draft.supplied = shared.supplied
        try await takeUpParts(collector, draft: &draft)
        let filter = ExchangeFilter(
            shard: plan.shard, done: await collector.restored, routes: plan.routes)
        draft.filter = filter
        // What the look ahead has counted stands where there is nothing to send.
        let target = min(
            plan.maximumExchanges ?? .max,
            try remaining(filter, selection, await collector.restoredCount))
        if target > 0 {
            filter.forget()
            do throws(AssayError) {
                switch plan.arrangement {
                case .interleaved:
                    let arms = try await makeArms(plan.arms, shared: shared, suffix: nil)
                    let outcome = await mainPass(
                        arms, selection: selection, filter: filter, judge: judge,
                        collector: collector, target: target, draft: draft)
                    for arm in arms {
                        draft.count(
                            await .init(
                                of: [arm], redaction: redaction, headers: judge.headers),
                            of: arm.role)
                    }
                    await endAll(arms)
                    try outcome.get()
                case .sequential:
                    try await sequentialPass(
                        selection: selection, filter: filter, judge: judge, shared: shared,
                        collector: collector, target: target, draft: &draft)
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
            if let fault = obstacle(to: part) {
                throw AssayError(
                    .conflict, "evidence \(digest.short) is of another replay: its \(fault)",
                    hint: "start anew with --fresh, or merge the shards of one replay")
            }
            guard part.redaction?.digest == redaction?.digest else {
                throw AssayError(
                    .conflict,
                    "evidence \(digest.short) is of another replay: its set of redaction rules, or "
                        + "their key, is another",
                    hint: Evidence.Redaction.sameHint)
            }
            try await collector.restore(
                part, suppliedLines: draft.supplied?.lines ?? [], store: store)
            // Earlier versions did not count places.
            try draft.places.add(part.places ?? AnswerPlaces(exchanges: 0, values: nil))
            draft.uncompared.formUnion(part.redaction?.uncompared ?? [])
            for arm in part.arms {
                guard let role = ArmPlan.Role(rawValue: arm.name) else { continue }
                draft.starts[role, default: (0, 0)].starts += arm.starts
                draft.starts[role, default: (0, 0)].restarts += arm.restarts
            }
        }
        guard !plan.parts.isEmpty else { return }
        let restored = await collector.restored
        let chosen = draft.selection.chosen
        var known = 0
        try capture.forEachSession { id, session in
            guard restored.contains(id), chosen?.contains(id) ?? true,
                plan.shard?.contains(session: session) ?? true
            else { return }
            known += 1
        }
        let taken = await collector.restoredCount
        guard known == taken else {
            throw AssayError(
                .damaged,
                "the evidence that this replay goes on from has \(taken - known) exchanges that "
                    + "\(plan.captureName) or its part does not have",
                hint: "start anew with --fresh")
        }
    }

    /// The first thing that keeps evidence from being a part of this replay.
    private func obstacle(to part: Evidence) -> String? {
        if part.service != plan.service { return "service is \(part.service)" }
        if part.capture.id != plan.capture { return "capture is \(part.capture.id.short)" }
        if part.rules.digest != plan.rules.digest { return "rules differ" }
        if part.seed != plan.seed { return "seed is \(part.seed)" }
        if part.isolation != plan.isolation { return "isolation is \(part.isolation.rawValue)" }
        for arm in plan.arms
        where !part.arms.contains(where: { $0.name == arm.role.rawValue && $0.bundle == arm.bundle }
        ) {
            return "\(arm.role.rawValue) is another"
        }
        return part.arms.count == plan.arms.count + 1 ? nil : "arms are others"
    }

    /// How many exchanges are left that the filter admits. Costs a read of the capture where routes are
    /// left out.
    private func remaining(
        _ filter: ExchangeFilter, _ selection: ReplaySelection, _ restored: Int
    ) throws(AssayError) -> Int {
        guard filter.excludesRoutes else { return max(0, selection.total - restored) }
        var jobs = JobSource(
            reader: try capture.reader(of: selection.chosen), filter: filter, plan: plan,
            redaction: nil)
        return try jobs.rest()
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
            // Where answers are kept too, that is said of them.
            let goesOn =
                plan.continuation.sentence.map {
                    error.hint?.contains($0) == true ? "" : ", and \($0)"
                } ?? ""
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
        _ plans: [ArmPlan], shared: SharedEgress, suffix: Int?
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
        _ arm: ArmPlan, shared: SharedEgress, name: String
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
        collector: ReplayCollector, target: Int, draft: EvidenceDraft
    ) async -> Result<Void, AssayError> {
        let deadline = plan.maximumTime.map { MonotonicClock.now + $0.nanoseconds }
        await collector.begin(total: await collector.restoredCount + target, deadline: deadline)
        let pass = ReplayPass(
            plan: plan, arms: arms, executors: executors, filter: filter,
            redaction: redaction, turnstile: judge.turnstile,
            limit: plan.maximumExchanges ?? .max, deadline: deadline)
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

    /// What any exchange, or none, may be answered with: the first recorded call of each key, up to a
    /// size, and what the plan supplies.
    private func sharedEgress() throws(AssayError) -> SharedEgress {
        let names = Set(plan.arms.flatMap(\.egress).map(\.name))
        guard !names.isEmpty else { return SharedEgress() }
        let supplied = try plan.supplied.map { file throws(AssayError) in
            try EgressSupply(try file.read(), redaction: redaction, names: names)
        }
        var shared: [EgressAsk: [UInt8]] = [:]
        var size = 0
        try capture.forEach { (exchange: Exchange) throws(AssayError) in
            for call in exchange.egress where size < 64 << 20 {
                let recorded = try EgressBook.Recorded(
                    call, redaction: redaction, before: exchange.redacted)
                guard shared[recorded.ask] == nil else { continue }
                shared[recorded.ask] = recorded.response
                size += recorded.response.count + 256
            }
        }
        return SharedEgress(recorded: shared, supplied: supplied)
    }
}
