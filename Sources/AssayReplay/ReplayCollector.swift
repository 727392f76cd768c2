import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence
import Histogram
import SystemPackage

/// Gathers what the senders find, with memory that does not grow with the number of exchanges.
actor ReplayCollector {
    private let plan: ReplayPlan
    private var total = 0
    private var deadline: Int64?
    private let report: @Sendable (ReplayProgress) -> Void
    private var startedAt: Int64
    private var firstSentAt = Int64.max, lastEndedAt = Int64.min
    private var reportedAt: Int64 = 0
    private var spill: OutcomeSpill
    private var lateness = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    private var latencies: [ArmPlan.Role: LatencyRecorder] = [:]
    private var progress = ReplayProgress(phase: .replaying)
    private var checkpoints: CheckpointClock

    /// What the ledger counts: exchanges by where they went.
    private(set) var standings: [Finding.Standing: Int] = [:]
    /// What rules hid.
    private(set) var tally = ComparisonTally()
    /// Groups of all comparisons but `effect`, whose rows are not complete before confirmation.
    private(set) var groups = DifferenceGroups()
    /// The exchanges that are to be sent again.
    private(set) var choice: ConfirmationChoice
    /// Full answers of differing exchanges.
    var examples = ExampleKeeper()
    /// Exchanges by what is known of the bundle that answered them in production.
    private(set) var identities: [ExchangeOutcome.IdentityStanding: Int] = [:]
    /// Exchanges that are not held against their recorded answers: how many, and by the redacted place
    /// that those depend on.
    private(set) var dependent: (count: Int, places: [String: Int]) = (0, [:])
    /// Which redacted fields may be why production is not reproduced.
    private(set) var suspicion = RedactionSuspicion()
    /// What a file of answers told the arms, and what nothing answered.
    private(set) var egress = EgressTally()
    /// Exchanges whose recorded answer cannot be read.
    private(set) var unreadable = 0
    /// The exchanges that were taken up from earlier evidence, and how long sending those took.
    private(set) var restored = ExchangeIDs()
    private var restoredNanoseconds: Int64 = 0
    private var restoredVoid: String?
    private var keptNanoseconds: Int64?
    private var taken = 0

    init(
        plan: ReplayPlan, directory: FilePath,
        report: @escaping @Sendable (ReplayProgress) -> Void
    ) {
        self.plan = plan
        self.report = report
        startedAt = MonotonicClock.now
        spill = OutcomeSpill(in: directory)
        checkpoints = CheckpointClock(every: plan.checkpointEvery.nanoseconds, now: startedAt)
        choice = ConfirmationChoice(
            budget: plan.confirmation.processes > 0 ? plan.confirmation.budget : 0)
    }

    /// Exchanges that were taken up from earlier evidence.
    var restoredCount: Int { taken }

    /// Says that sending begins now, of how many exchanges with those taken up, and until when on the
    /// monotonic clock.
    func begin(total: Int, deadline: Int64?) {
        self.total = total
        self.deadline = deadline
        startedAt = MonotonicClock.now
    }

    /// Exchanges that were replayed.
    var replayed: Int { spill.count }

    /// Whether what was gathered is to be kept now; then nobody else is told so until `wasKept`.
    func beginsCheckpoint() -> Bool { checkpoints.begins(at: MonotonicClock.now) }

    /// Says that it was kept.
    func wasKept() { checkpoints.ended(at: MonotonicClock.now) }

    /// Takes what some exchanges showed.
    func add(_ batch: [JudgedExchange]) throws(AssayError) {
        for judged in batch { try add(judged) }
        reportIfDue()
    }

    private func add(_ judged: JudgedExchange) throws(AssayError) {
        let finding = judged.finding
        if !finding.tally.isEmpty { tally.add(finding.tally) }
        note(finding.row)
        if finding.row.hasDifferences {
            let answers = judged.result.answers
            examples.add(finding.row, size: finding.exampleSize(answers: answers)) {
                finding.example(answers: answers)
            }
        }
        for (role, answer) in judged.result.answers.all {
            if let summary = answer.egress, !summary.missed.isEmpty || !summary.supplied.isEmpty {
                egress.add(summary, of: role.rawValue)
            }
        }
        addTimes(judged.result)
        try spill.add(
            OutcomeSpill.Record(
                exchange: finding.row.exchange, differs: finding.row.differs(in: .effect),
                row: judged.row, timing: judged.timing))
    }

    /// Counts a row.
    private func note(_ row: ExchangeOutcome) {
        standings[Finding.Standing(of: row), default: 0] += 1
        identities[row.identity, default: 0] += 1
        if row.isDependent {
            dependent.count += 1
            for place in row.redacted where plan.redaction?.answersDepend(on: place) == true {
                dependent.places[place, default: 0] += 1
            }
        }
        suspicion.note(row, isFirstRun: plan.arm(.baseline) == nil)
        if row.arms["recorded"]?.status == nil { unreadable += 1 }
        if row.hasDifferences {
            var others = row
            others.differences[.effect] = nil
            groups.add(others)
            choice.add(row)
        }
        for (arm, outcome) in row.arms where outcome.failure != nil && arm != "recorded" {
            progress.errors[arm, default: 0] += 1
        }
        if row.differs(in: .effect) { progress.effectDiffering += 1 }
        if row.differs(in: .identity) { progress.identityDiffering += 1 }
    }

    /// Takes up a row of earlier evidence.
    func restore(_ row: ExchangeOutcome, timing: RestoredTiming) throws(AssayError) {
        guard timing.exchange == row.exchange else {
            throw AssayError(.damaged, "the timings do not fit the rows at \(row.exchange)")
        }
        guard !restored.contains(row.exchange) else {
            throw AssayError(
                .conflict, "exchange \(row.exchange) was replayed in two of the parts",
                hint: "merge the shards of one run, each once")
        }
        restored.insert(row.exchange)
        taken += 1
        note(row)
        for (place, times) in timing.arms.enumerated() {
            if place == 0 { lateness.record(UInt64(max(0, times.fromIntended - times.fromSend))) }
            latencies[times.role, default: LatencyRecorder()].add(
                exchange: row.exchange, number: timing.position, intended: 0,
                sent: times.fromIntended - times.fromSend, ended: times.fromIntended)
        }
        var line: [UInt8] = []
        row.appendRow(to: &line)
        try spill.add(
            OutcomeSpill.Record(
                exchange: row.exchange, differs: row.differs(in: .effect), row: line,
                timing: timing.line))
    }

    /// Takes up what evidence says of the calls of its exchanges.
    func restore(egress part: Evidence, lines: [Int]) throws(AssayError) {
        try egress.add(part, digest: plan.supplied?.digest, lines: lines)
    }

    /// Takes up what rules hid, and those notes that are about comparisons; all others are made anew.
    func restore(suppressed: [String: Int], notes: [String]) {
        tally.add(
            ComparisonResult(
                differences: [], suppressed: suppressed,
                notes: notes.filter {
                    $0.contains(" compared as ") || $0.contains(Redactor.unreadableNote)
                }))
    }

    /// Takes up why the latency of a part cannot be judged: joined with others it still cannot.
    func restore(void reasons: [String]) {
        restoredVoid = restoredVoid ?? reasons.min()
    }

    /// Takes up how long sending took: parts of which there are several ran beside each other.
    func restore(_ sending: Evidence.Sending?) {
        let nanoseconds = sending?.nanoseconds ?? 0
        restoredNanoseconds =
            plan.parts.count > 1 ? max(restoredNanoseconds, nanoseconds) : nanoseconds
    }

    /// Says how long sending took whose answers were kept meanwhile, and how much of that was by
    /// `earlier`, the end of the run that this one goes on from; its evidence tells of that too.
    func sent(for nanoseconds: Int64, after earlier: Int64) {
        keptNanoseconds = max(restoredNanoseconds, earlier) + nanoseconds - earlier
    }

    /// Gives every record once, sorted by exchange id.
    func merge(_ body: (OutcomeSpill.Record) throws(AssayError) -> Void) throws(AssayError) {
        try spill.merge(body)
    }

    /// How the schedule was kept.
    var sending: Evidence.Sending {
        var quantiles: [String: Int64] = [:]
        if case .max = plan.pacing {
        } else if lateness.totalCount > 0 {
            for (name, percentile) in [("p50", 50.0), ("p99", 99.0), ("max", 100.0)] {
                quantiles[name] = Int64(lateness.valueAtPercentile(percentile))
            }
        }
        return Evidence.Sending(
            exchanges: spill.count,
            nanoseconds: keptNanoseconds
                ?? restoredNanoseconds
                + (lastEndedAt > firstSentAt ? lastEndedAt - firstSentAt : 0),
            lateness: quantiles)
    }

    /// What evidence says of the latency of each arm.
    func latency(void reason: String?) -> [String: Evidence.Latency] {
        var named: [String: Evidence.Latency] = [:]
        let late = Int64(lateness.totalCount == 0 ? 0 : lateness.valueAtPercentile(99))
        let lateReason =
            late > 5_000_000
            ? "requests were sent late: the 99th percentile is \(milliseconds(late)), above 5 ms"
            : nil
        for (role, recorder) in latencies {
            named[role.rawValue] = recorder.latency(void: reason ?? restoredVoid ?? lateReason)
        }
        return named
    }

    private func milliseconds(_ nanoseconds: Int64) -> String {
        "\((Double(nanoseconds) / 1e6).fixed(1)) ms"
    }

    private func addTimes(_ result: ReplayPass.Result) {
        lateness.record(UInt64(result.lateness))
        for (role, answer) in result.answers.all {
            guard let times = answer.times else { continue }
            firstSentAt = min(firstSentAt, times.sentAt)
            lastEndedAt = max(lastEndedAt, times.endedAt)
            latencies[role, default: LatencyRecorder()].add(
                exchange: result.exchange.id, number: result.job.position,
                intended: times.sentAt - result.lateness, sent: times.sentAt, ended: times.endedAt)
        }
    }

    private func reportIfDue() {
        let now = MonotonicClock.now
        guard now - reportedAt > 200_000_000 || spill.count == total else { return }
        reportedAt = now
        let seconds = max(1e-9, Double(now - startedAt) / 1e9)
        progress.done = spill.count
        progress.total = total
        // What was taken up from earlier took no time here.
        progress.rate = Double(spill.count - taken) / seconds
        let left = Double(total - spill.count) / max(progress.rate, 1e-9)
        let due = deadline.map { max(0, Double($0 - now) / 1e9) } ?? .infinity
        progress.timeLeft = .seconds(min(left, due))
        report(progress)
    }
}
