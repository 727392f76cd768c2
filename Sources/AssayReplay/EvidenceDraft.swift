import AssayCapture
import AssayCore
import AssayEvidence
import AssayStore

/// Evidence on its way: what is known beside what the collector gathered.
struct EvidenceDraft {
    var run: ReplayRun
    var chosen: Set<String>?
    var total: Int
    var starts: [ArmPlan.Role: (starts: Int, restarts: Int)]
    var strayMisses: Int
    var notes: [String] = []

    /// Writes the blobs and the document into the store, and gives the document.
    func finish(
        _ collector: ReplayCollector,
        confirmations: [String: [String: ExchangeOutcome.Confirmation]]
    ) async throws(AssayError) -> Evidence {
        let plan = run.plan
        let blobs = try await collector.write(to: run.store, confirmations: confirmations)
        let tally = await collector.tally
        var evidence = Evidence(
            service: plan.service, capture: try capture(), arms: arms, rules: plan.rules,
            seed: plan.seed, pacing: pacing, isolation: plan.isolation, tool: plan.tool,
            groups: blobs.groups.sorted, latency: await collector.latency(void: latencyVoid),
            ledger: await ledger(collector), suppressed: tally.suppressed, notes: [],
            outcomes: blobs.outcomes, timings: blobs.timings, examples: blobs.examples)
        evidence.sending = await collector.sending
        evidence.notes = await allNotes(collector, tally: tally)
        if let imbalance = evidence.ledger.imbalance {
            throw AssayError(
                .damaged, "the replay of \(plan.captureName) lost count: \(imbalance)")
        }
        _ = try run.store.put(evidence.encode())
        return evidence
    }

    private func capture() throws(AssayError) -> Evidence.Capture {
        var sessions = run.capture.summary.sessions
        if let chosen {
            let outline = try run.capture.outline()
            sessions = Set(outline.lazy.filter { chosen.contains($0.id) }.map(\.session)).count
        }
        return Evidence.Capture(
            id: run.capture.id, name: run.plan.captureName,
            exchanges: run.capture.summary.exchanges, chosen: total, sessions: sessions,
            sample: run.plan.sample)
    }

    private var arms: [Evidence.Arm] {
        let live = run.plan.arms.sorted { $0.role < $1.role }.map { arm in
            Evidence.Arm(
                name: arm.role.rawValue, bundle: arm.bundle, environment: arm.facts,
                starts: starts[arm.role]?.starts ?? 0, restarts: starts[arm.role]?.restarts ?? 0)
        }
        return [Evidence.Arm(name: "recorded", bundle: nil)] + live
    }

    private var pacing: Evidence.Pacing {
        let concurrency = run.plan.concurrency
        return switch run.plan.pacing {
        case .max: Evidence.Pacing(mode: "max", value: nil, concurrency: concurrency)
        case .schedule(let speed):
            Evidence.Pacing(mode: "schedule", value: speed, concurrency: concurrency)
        case .rate(let rate): Evidence.Pacing(mode: "rate", value: rate, concurrency: concurrency)
        }
    }

    private var latencyVoid: String? {
        if case .max = run.plan.pacing {
            return "requests were sent as fast as answers came (`--speed max`), not at their times"
        }
        if run.plan.egressLatency == .none, run.plan.arms.contains(where: { !$0.egress.isEmpty }) {
            return "dependencies were answered at once, not with their recorded latency"
        }
        return nil
    }

    private func ledger(_ collector: ReplayCollector) async -> LossLedger {
        let losses = run.capture.summary.losses
        let standings = await collector.standings
        var ledger = LossLedger()
        ledger.whole = run.capture.summary.exchanges
        ledger.truncated = losses.truncated
        ledger.unsupported = losses.unsupported
        ledger.skipped = losses.skipped
        ledger.seen = ledger.whole + ledger.truncated + ledger.unsupported + ledger.skipped
        ledger.replayed = await collector.replayed
        ledger.excluded = run.filter.excluded.values.reduce(0, +)
        ledger.notReplayed = ledger.whole - ledger.replayed - ledger.excluded
        ledger.compared = standings[.compared] ?? 0
        ledger.errored = standings[.errored] ?? 0
        ledger.unmatched = standings[.unmatched] ?? 0
        return ledger
    }

    private func allNotes(_ collector: ReplayCollector, tally: ComparisonTally) async -> [String] {
        var notes = notes + tally.notes
        if run.plan.arm(.baseline) == nil {
            notes.append("no baseline bundle: the recorded answers take its place")
        }
        let identities = await collector.identities
        if let other = identities[.otherBundle] {
            notes.append("\(other) exchanges were answered in production by another bundle")
        }
        if let unknown = identities[.unknownBundle] {
            notes.append("of \(unknown) exchanges it is not known which bundle answered them")
        }
        let unreadable = await collector.unreadable
        if unreadable > 0 { notes.append("\(unreadable) recorded answers cannot be read as HTTP") }
        for (route, count) in run.filter.excluded {
            notes.append(
                "\(count) exchanges of \(route) were left out: the route is declared "
                    + "`replayable: false`")
        }
        if strayMisses > 0 {
            notes.append("\(strayMisses) calls outside all exchanges had no recorded answer")
        }
        if run.plan.confirmation.processes == 0 {
            notes.append("differences were not sent again: confirmation is off")
        }
        return Set(notes).sorted()
    }
}
