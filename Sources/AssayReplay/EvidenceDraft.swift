import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence
import AssayStore

/// Evidence on its way: what is known beside what the collector gathered.
struct EvidenceDraft {
    var run: ReplayRun
    var selection: ReplaySelection
    /// The places of all answers.
    var places: PlaceCounter
    /// The headers that are compared; `nil` for all.
    var comparedHeaders: [String]?
    /// Places that redaction took from answers of earlier parts, and from those that were kept.
    var uncompared: Set<String> = []
    var filter = ExchangeFilter()
    var starts: [ArmPlan.Role: (starts: Int, restarts: Int)] = [:]
    var strayMisses = 0
    var notes: [String] = []
    /// Dependencies that were called in a protocol that stubs do not speak.
    var foreign: Set<String> = []
    /// The answers that were supplied, and the lines that calls outside all exchanges took.
    var supplied: EgressSupply?
    var straySupplied: Set<Int> = []

    /// Counts the starts of an arm, what its stubs could not answer outside all exchanges, and what
    /// redaction took from its answers.
    ///
    /// `earlier` is what it had done by the earlier run that this one goes on from. The starts of that
    /// may be counted already, by the evidence it left, or may not.
    mutating func count(
        _ arm: KeptAnswers.Arm, of role: ArmPlan.Role,
        after earlier: KeptAnswers.Arm = KeptAnswers.Arm()
    ) {
        let known = starts[role] ?? (0, 0)
        starts[role] = (
            max(known.starts, earlier.starts) + arm.starts - earlier.starts,
            max(known.restarts, earlier.restarts) + arm.restarts - earlier.restarts
        )
        uncompared.formUnion(arm.uncompared)
        notes += arm.notes
        strayMisses += arm.strayMisses
        foreign.formUnion(arm.foreign)
        straySupplied.formUnion(arm.straySupplied)
    }

    /// Writes the blobs and the document into the store, and gives the document.
    func finish(
        _ collector: ReplayCollector,
        confirmations: [String: [String: ExchangeOutcome.Confirmation]]
    ) async throws(AssayError) -> Evidence {
        let plan = run.plan
        let blobs = try await collector.write(to: run.store, confirmations: confirmations)
        let tally = await collector.tally
        var egress = await collector.egress
        egress.add(used: straySupplied)
        var evidence = Evidence(
            service: plan.service, capture: capture, arms: arms, rules: plan.rules,
            seed: plan.seed, pacing: pacing, isolation: plan.isolation, tool: plan.tool,
            groups: blobs.groups.sorted,
            latency: await collector.latency(void: latencyVoid(egress)),
            ledger: await ledger(collector), suppressed: tally.suppressed, notes: [],
            outcomes: blobs.outcomes, timings: blobs.timings, examples: blobs.examples)
        evidence.sending = await collector.sending
        evidence.redaction = await redaction(collector)
        if let file = plan.supplied, let supplied {
            evidence.supplied = Evidence.Supplied(
                name: file.name, digest: file.digest, lines: supplied.lines.count,
                answered: egress.answered, unused: egress.unused(of: supplied.lines))
        }
        evidence.misses = egress.misses
        let places = try places.places()
        evidence.places = places
        evidence.notes =
            await allNotes(
                collector, tally: tally, redaction: evidence.redaction,
                supplied: evidence.supplied)
            + RuleLint(plan.rules, places: places).sentences
        if let imbalance = evidence.ledger.imbalance {
            throw AssayError(
                .damaged, "the replay of \(plan.captureName) lost count: \(imbalance)")
        }
        _ = try run.store.put(evidence.encode())
        return evidence
    }

    private var capture: Evidence.Capture {
        var capture = Evidence.Capture(
            id: run.capture.id, name: run.plan.captureName,
            exchanges: run.capture.summary.exchanges, chosen: selection.total,
            sessions: selection.sessions, sample: run.plan.sample)
        capture.shard = run.plan.shard?.description
        return capture
    }

    private var arms: [Evidence.Arm] {
        let live = run.plan.arms.sorted { $0.role < $1.role }.map { arm in
            Evidence.Arm(
                name: arm.role.rawValue, bundle: arm.bundle,
                environment: arm.facts.merging(run.plan.limits.facts) { $1 },
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

    private func latencyVoid(_ egress: EgressTally) -> String? {
        if run.plan.arrangement == .sequential {
            return "the arms were served one after another, not side by side"
        }
        if case .max = run.plan.pacing {
            return "requests were sent as fast as answers came (`--speed max`), not at their times"
        }
        if run.plan.egressLatency == .none, run.plan.arms.contains(where: { !$0.egress.isEmpty }) {
            return "dependencies were answered at once, not with their recorded latency"
        }
        if let supplied, !supplied.untimed.isDisjoint(with: egress.used) {
            return "supplied answers of dependencies were given at once: their lines say no time"
        }
        return nil
    }

    private func ledger(_ collector: ReplayCollector) async -> LossLedger {
        let losses = run.capture.summary.losses
        let standings = await collector.standings
        var ledger = LossLedger()
        ledger.whole = selection.whole
        // What was lost before there was a capture belongs to the first of its shards.
        if run.plan.shard?.index ?? 1 == 1 {
            ledger.truncated = losses.truncated
            ledger.unsupported = losses.unsupported
            ledger.skipped = losses.skipped
        }
        ledger.seen = ledger.whole + ledger.truncated + ledger.unsupported + ledger.skipped
        ledger.replayed = await collector.replayed
        ledger.excluded = filter.excluded.values.reduce(0, +)
        ledger.notReplayed = ledger.whole - ledger.replayed - ledger.excluded
        ledger.compared = standings[.compared] ?? 0
        ledger.errored = standings[.errored] ?? 0
        ledger.unmatched = standings[.unmatched] ?? 0
        return ledger
    }

    private func redaction(_ collector: ReplayCollector) async -> Evidence.Redaction? {
        guard let redaction = run.redaction else { return nil }
        return Evidence.Redaction(
            digest: redaction.digest,
            uncompared: redaction.uncompared(headers: comparedHeaders).union(uncompared),
            dependent: await collector.dependent.places)
    }

    private func redactionNotes(
        _ redaction: Evidence.Redaction, _ collector: ReplayCollector
    ) async -> [String] {
        var notes = Array(run.redaction?.notes ?? [])
        if !redaction.uncompared.isEmpty {
            notes.append(
                "places that redaction takes from answers are not compared: "
                    + redaction.uncompared.sorted().joined(separator: ", "))
        }
        if let sentence = Evidence.Redaction.leftOut(
            await collector.dependent.count, places: redaction.dependent.keys)
        {
            notes.append(sentence)
        }
        return notes
            + (await collector.suspicion.sentences(run.redaction?.rules ?? .init(only: [])))
    }

    private func allNotes(
        _ collector: ReplayCollector, tally: ComparisonTally, redaction: Evidence.Redaction?,
        supplied: Evidence.Supplied?
    ) async -> [String] {
        var notes = notes + tally.notes
        if let redaction { notes += await redactionNotes(redaction, collector) }
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
        let left =
            selection.total - filter.excluded.values.reduce(0, +) - (await collector.replayed)
        if left > 0 {
            notes.append("\(left) of the \(selection.total) chosen exchanges were not replayed yet")
        }
        for (route, count) in filter.excluded {
            notes.append(
                "\(count) exchanges of \(route) were left out: the route is declared "
                    + "`replayable: false`")
        }
        if await !collector.egress.misses.isEmpty {
            notes.append(
                "some calls of dependencies have no recorded answer; `--egress-answers FILE` answers "
                    + "those that are rightly new")
        }
        if let supplied {
            notes.append(supplied.sentence)
            // What one shard does not ask for another may.
            if left == 0, run.plan.shard == nil, let sentence = supplied.unusedSentence {
                notes.append(sentence)
            }
        }
        for call in foreign {
            notes.append("the service called \(call), which cannot be answered from a capture yet")
        }
        if strayMisses > 0 {
            notes.append("\(strayMisses) calls outside all exchanges had no recorded answer")
        }
        if run.plan.shard != nil {
            notes.append("differences were not sent again: merging the shards does that")
        } else if run.plan.confirmation.processes == 0 {
            notes.append("differences were not sent again: confirmation is off")
        }
        return Set(notes).sorted()
    }
}
