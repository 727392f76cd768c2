import AssayCapture
import AssayCore
import AssayEvidence
import AssayStore
import SystemPackage

/// Keeps the answers of arms that run one after another, on disk, until all have answered; and in the
/// store, so that a replay which was stopped goes on with them.
actor AnswerStore {
    private var spill: OutcomeSpill
    private let store: Store
    private let plan: ReplayPlan
    private var clock: CheckpointClock
    /// What was kept so far, with what is in no blob yet.
    private(set) var kept: KeptAnswers
    private var blob: CompressedLines?
    private var blobBytes = 0
    /// When the process that answers now was first asked and last answered, by its arm.
    private var spans: [String: (first: Int64, last: Int64)] = [:]
    /// The exchanges that each arm has answered.
    private(set) var answered: [ArmPlan.Role: ExchangeIDs] = [:]

    /// A blob is closed at so many bytes of lines.
    private static let blobLimit = 256 << 20

    /// Starts in a directory, for a plan.
    init(in directory: FilePath, of plan: ReplayPlan, store: Store) {
        spill = OutcomeSpill(in: directory, named: "answers")
        self.store = store
        self.plan = plan
        kept = KeptAnswers(service: plan.service, capture: plan.capture)
        clock = CheckpointClock(
            every: plan.checkpointEvery.nanoseconds, now: MonotonicClock.now)
    }

    /// Takes up answers that an earlier run of the same plan kept. Throws `.damaged` for those of
    /// another, and for lines that are none; `.interrupted` when the task is cancelled. Costs a read of
    /// all of them.
    func restore(_ earlier: KeptAnswers, name: String) throws(AssayError) {
        guard earlier.service == kept.service, earlier.capture == kept.capture else {
            throw AssayError(.damaged, "\(name) are of another service or capture")
        }
        kept = earlier
        for (arm, member) in earlier.arms.sorted(by: { $0.key < $1.key }) {
            guard let role = ArmPlan.Role(rawValue: arm) else {
                throw AssayError(.damaged, "\(name) are of an arm \(arm), which there is not")
            }
            var count = 0
            for digest in member.blobs {
                let lines = try EvidenceBlobs.reader(
                    digest, store: store, lineLimit: AnswerLine.longest(answer: plan.answerLimit),
                    hint: "start anew with --fresh")
                while let text = try lines.next() {
                    if count % LoopSender.batchSize == 0 { try plan.checkCancellation() }
                    let line = try AnswerLine(text, name: name)
                    guard line.arm == arm else {
                        throw AssayError(.damaged, "\(name) mix \(line.arm) and \(arm)")
                    }
                    try add(line)
                    answered[role, default: ExchangeIDs()].insert(line.exchange)
                    count += 1
                }
            }
            guard count == member.count else {
                throw AssayError(
                    .damaged, "\(name) have \(count) answers of \(arm), not \(member.count)")
            }
        }
    }

    /// Takes what an arm answered to some exchanges. Whether it is time now to `keep` it; if so, it is
    /// so no more until that is done.
    func add(_ results: [ReplayPass.Result]) throws(AssayError) -> Bool {
        for result in results {
            for (role, answer) in result.answers.all {
                let line = AnswerLine(
                    place: Self.place(result.job.position), arm: role.rawValue,
                    exchange: result.exchange.id, row: Self.encode(answer),
                    timing: Self.encode(answer.times))
                try add(line)
                answered[role, default: ExchangeIDs()].insert(line.exchange)
                note(answer.times, of: line.arm)
                guard plan.answersRef != nil else { continue }
                let bytes = line.bytes
                if blob == nil { blob = try CompressedLines(store: store) }
                try blob?.write(bytes)
                kept.arms[line.arm, default: KeptAnswers.Arm()].count += 1
                blobBytes += bytes.count
                if blobBytes >= Self.blobLimit { try closeBlob(of: line.arm) }
            }
        }
        return plan.answersRef != nil && clock.begins(at: MonotonicClock.now)
    }

    /// Keeps all that an arm answered. `counts` are those of the process that answers for it now.
    func keep(
        _ role: ArmPlan.Role, with counts: KeptAnswers.Arm, ended: Bool = false
    ) throws(AssayError) {
        defer { clock.ended(at: MonotonicClock.now) }
        let arm = role.rawValue
        try closeBlob(of: arm)
        var document = kept
        var counts = counts
        counts.nanoseconds = spans[arm].map { $0.last - $0.first } ?? 0
        document.arms[arm, default: KeptAnswers.Arm()].add(counts)
        if ended {
            kept = document
            spans[arm] = nil
        }
        guard let ref = plan.answersRef else { return }
        try store.setRef(ref, to: try store.put(document.encode()))
    }

    private func note(_ times: ArmAnswer.Times?, of arm: String) {
        guard let times else { return }
        let span = spans[arm] ?? (times.sentAt, times.endedAt)
        spans[arm] = (min(span.first, times.sentAt), max(span.last, times.endedAt))
    }

    private func closeBlob(of arm: String) throws(AssayError) {
        guard let open = blob.take() else { return }
        blobBytes = 0
        kept.arms[arm, default: KeptAnswers.Arm()].blobs.append(try open.finish())
    }

    private func add(_ line: AnswerLine) throws(AssayError) {
        try spill.add(
            OutcomeSpill.Record(
                exchange: "\(line.place) \(line.arm) \(line.exchange)", differs: false,
                row: line.row, timing: line.timing))
    }

    /// Gives, in batches and the capture's order, the exchanges of a reader that the filter admits with
    /// the answers of all arms; an exchange that some arm did not come to is left out.
    ///
    /// Their times begin at 0, when each was sent. Throws `.damaged` for answers to another exchange than
    /// stands at their place, and `.interrupted` when the task is cancelled.
    func join(
        _ jobs: consuming JobSource,
        _ body: @Sendable ([ReplayPass.Result]) async throws(AssayError) -> Void
    ) async throws(AssayError) {
        let roles = plan.arms.map(\.role)
        let cursor = try spill.cursor()
        var jobs = jobs
        var record = try cursor.next()
        var batch: [ReplayPass.Result] = []
        var bytes = 0
        while let job = try jobs.next() {
            var answers = ArmAnswers(of: roles)
            let place = Self.place(job.position)
            while let found = record {
                let parts = found.exchange.split(separator: " ", maxSplits: 2)
                // An exchange that is not asked for has answers too, where it was judged before.
                if parts[0] > place { break }
                if parts[0] == place {
                    guard parts.count == 3, parts[2] == job.exchange.id else {
                        throw AssayError(
                            .damaged,
                            "the kept answers do not fit the capture at \(job.exchange.id)",
                            hint: "start anew with --fresh")
                    }
                    if let index = roles.firstIndex(where: { $0.rawValue == parts[1] }) {
                        answers[index] = try Self.decode(found, of: job)
                    }
                }
                record = try cursor.next()
            }
            guard answers.count == roles.count else { continue }
            let result = ReplayPass.Result(job: job, lateness: 0, answers: answers)
            batch.append(result)
            bytes += job.size + result.answerBytes
            if batch.count == LoopSender.batchSize || bytes > 1 << 20 {
                try plan.checkCancellation()
                try await body(batch)
                batch = []
                bytes = 0
            }
        }
        try plan.checkCancellation()
        try await body(batch)
    }

    private static func place(_ position: Int) -> String {
        let digits = String(position)
        return String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
    }

    /// A line of canonical JSON, and behind it the answer as it is compared.
    private static func encode(_ answer: ArmAnswer) -> [UInt8] {
        let egress = answer.egress.map { summary -> JSONValue in
            [
                "unmatched": JSONValue(summary.unmatched),
                "asked": .array(summary.asked.map(Self.encode)),
                "missed": .array(summary.missed.map(Self.encode)),
                "supplied": .array(
                    summary.supplied.map { .array([JSONValue($0.key), JSONValue($0.value)]) }),
            ]
        }
        let head: JSONValue = .object(present: [
            "failure": answer.failure.map { .string($0.rawValue) }, "egress": egress,
            "isAnswered": .bool(answer.message != nil),
        ])
        return CanonicalJSON.encode(head) + [UInt8(ascii: "\n")] + (answer.message?.bytes ?? [])
    }

    private static func encode(_ ask: EgressAsk) -> JSONValue {
        .array([
            .string(ask.name), .string(ask.method), .string(ask.target), .string(ask.body.hex),
        ])
    }

    private static func asks(_ reader: JSONReader) throws(AssayError) -> Set<EgressAsk> {
        var asks: Set<EgressAsk> = []
        for ask in try reader.elements() {
            let parts = try ask.strings()
            guard parts.count == 4, let body = Digest("sha256:\(parts[3])") else {
                throw ask.mismatch("a call")
            }
            asks.insert(
                EgressAsk(name: parts[0], method: parts[1], target: parts[2], body: body))
        }
        return asks
    }

    /// From when it was sent: the clock of another process, or after a boot, is another.
    private static func encode(_ times: ArmAnswer.Times?) -> [UInt8] {
        guard let times else { return [] }
        return CanonicalJSON.encode(
            .array([
                .integer(times.firstByteAt - times.sentAt), .integer(times.endedAt - times.sentAt),
            ]))
    }

    private static func decode(
        _ record: OutcomeSpill.Record, of job: ReplayJob
    ) throws(AssayError) -> ArmAnswer {
        let name = "an answer of this run"
        guard let end = record.row.firstIndex(of: UInt8(ascii: "\n")) else {
            throw AssayError(.damaged, "\(name) has no head")
        }
        let head = JSONReader(
            try JSONParser.parse(Array(record.row[..<end]), file: name), document: name)
        var answer = ArmAnswer()
        if let reason = head["failure"].ifPresent {
            answer.failure = ExchangeOutcome.Failure(rawValue: try reason.string())
        }
        if let egress = head["egress"].ifPresent {
            var summary = EgressBook.Summary(
                asked: try asks(egress["asked"]), unmatched: try egress["unmatched"].count(),
                missed: try asks(egress["missed"]))
            for pair in try egress["supplied"].elements() {
                let numbers = try pair.elements()
                guard numbers.count == 2 else { throw pair.mismatch("a line and a count") }
                summary.supplied[try numbers[0].count()] = try numbers[1].count()
            }
            answer.egress = summary
        }
        if try head["isAnswered"].bool() {
            let message = try HTTPMessage(
                Array(record.row[(end + 1)...]), role: .response(toMethod: job.request.method))
            answer.message = message
            answer.status = message.head.status
        }
        if !record.timing.isEmpty {
            let times = JSONReader(
                try JSONParser.parse(record.timing, file: name), document: name)
            let numbers = try times.elements().map { (element) throws(AssayError) in
                Int64(try element.integer())
            }
            guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 }) else {
                throw times.mismatch("two times")
            }
            answer.times = ArmAnswer.Times(
                sentAt: 0, firstByteAt: numbers[0], endedAt: numbers[1])
        }
        return answer
    }
}
