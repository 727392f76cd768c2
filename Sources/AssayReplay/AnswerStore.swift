import AssayCapture
import AssayCore
import AssayEvidence
import SystemPackage

/// Keeps the answers of arms that run one after another, on disk, until all have answered.
actor AnswerStore {
    private var spill: OutcomeSpill

    /// Starts in a directory.
    init(in directory: FilePath) {
        spill = OutcomeSpill(in: directory, named: "answers")
    }

    /// Takes what one arm answered to some exchanges.
    func add(_ results: [ReplayPass.Result]) throws(AssayError) {
        for result in results {
            for (role, answer) in result.answers.all {
                try spill.add(
                    OutcomeSpill.Record(
                        exchange: Self.key(result.job.position, role), differs: false,
                        row: Self.encode(answer), timing: Self.encode(answer.times)))
            }
        }
    }

    /// Gives, in batches and the capture's order, the exchanges of a reader that the filter admits with
    /// the answers of all arms; an exchange that some arm did not come to is left out.
    func join(
        _ reader: CaptureReader, filter: ExchangeFilter, plan: ReplayPlan,
        _ body: @Sendable ([ReplayPass.Result]) async throws(AssayError) -> Void
    ) async throws(AssayError) {
        let roles = plan.arms.map(\.role)
        let cursor = try spill.cursor()
        var jobs = JobSource(reader: reader, filter: filter, plan: plan)
        var record = try cursor.next()
        var batch: [ReplayPass.Result] = []
        var bytes = 0
        while let job = try jobs.next() {
            var answers = ArmAnswers(of: roles)
            let prefix = Self.prefix(job.position)
            while let found = record, found.exchange.hasPrefix(prefix) {
                let name = found.exchange.dropFirst(prefix.count)
                if let index = roles.firstIndex(where: { $0.rawValue == name }) {
                    answers[index] = try Self.decode(found, of: job)
                }
                record = try cursor.next()
            }
            guard answers.count == roles.count else { continue }
            let result = ReplayPass.Result(job: job, lateness: 0, answers: answers)
            batch.append(result)
            bytes += job.size + result.answerBytes
            if batch.count == LoopSender.batchSize || bytes > 1 << 20 {
                try await body(batch)
                batch = []
                bytes = 0
            }
        }
        try await body(batch)
    }

    private static func prefix(_ position: Int) -> String {
        let digits = String(position)
        return String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits + " "
    }

    private static func key(_ position: Int, _ role: ArmPlan.Role) -> String {
        prefix(position) + role.rawValue
    }

    /// A line of canonical JSON, and behind it the answer as it came.
    private static func encode(_ answer: ArmAnswer) -> [UInt8] {
        let egress = answer.egress.map { summary -> JSONValue in
            [
                "unmatched": JSONValue(summary.unmatched),
                "asked": .array(
                    summary.asked.map { ask in
                        .array([
                            .string(ask.name), .string(ask.method), .string(ask.target),
                            .string(ask.body.hex),
                        ])
                    }),
            ]
        }
        let head: JSONValue = .object(present: [
            "failure": answer.failure.map { .string($0.rawValue) }, "egress": egress,
            "isAnswered": .bool(answer.message != nil),
        ])
        return CanonicalJSON.encode(head) + [UInt8(ascii: "\n")] + (answer.message?.bytes ?? [])
    }

    private static func encode(_ times: ArmAnswer.Times?) -> [UInt8] {
        guard let times else { return [] }
        return CanonicalJSON.encode(
            .array([
                .integer(times.sentAt), .integer(times.firstByteAt), .integer(times.endedAt),
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
            var summary = EgressBook.Summary(unmatched: try egress["unmatched"].integer())
            for ask in try egress["asked"].elements() {
                let parts = try ask.strings()
                guard parts.count == 4, let body = Digest("sha256:\(parts[3])") else {
                    throw ask.mismatch("a call")
                }
                summary.asked.insert(
                    EgressAsk(name: parts[0], method: parts[1], target: parts[2], body: body))
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
            guard numbers.count == 3 else { throw times.mismatch("three times") }
            answer.times = ArmAnswer.Times(
                sentAt: numbers[0], firstByteAt: numbers[1], endedAt: numbers[2])
        }
        return answer
    }
}
