import AssayCore
import AssayEvidence
import AssayStore

extension ReplayCollector {
    /// Takes up evidence of other exchanges of the same capture, as if they had been replayed here.
    ///
    /// What confirmation said is left behind: it is done anew over all. Throws `.conflict` if an
    /// exchange was taken up already or dependencies were answered otherwise, `.damaged` for blobs that
    /// do not fit together. Costs a parse of each row.
    func restore(
        _ part: Evidence, suppliedLines: [Int] = [], store: Store
    ) throws(AssayError) {
        try restore(egress: part, lines: suppliedLines)
        let name = "evidence \(part.digest.short)"
        guard let timingsDigest = part.timings else {
            throw AssayError(.damaged, "\(name) has no timings")
        }
        var examples: [String: [UInt8]] = [:]
        if let digest = part.examples {
            let lines = try CompressedLineReader(
                try store.read(digest), name: "the examples of \(name)")
            while let line = try lines.next() {
                let value = try JSONParser.parse(line, file: name)
                let reader = JSONReader(value, document: name)
                examples[try reader["exchange"].string()] = line
            }
        }
        let rows = try CompressedLineReader(
            try store.read(part.outcomes), name: "the rows of \(name)")
        let timings = try CompressedLineReader(
            try store.read(timingsDigest), name: "the timings of \(name)")
        while let line = try rows.next() {
            guard let timing = try timings.next() else {
                throw AssayError(.damaged, "\(name) has fewer timings than rows")
            }
            var row = try ExchangeOutcome.parse(row: line, name: "a row of \(name)")
            row.confirmations = [:]
            try restore(row, timing: try RestoredTiming(timing, name: name))
            self.examples.add(row) { examples[row.exchange] }
        }
        guard try timings.next() == nil else {
            throw AssayError(.damaged, "\(name) has more timings than rows")
        }
        restore(suppressed: part.suppressed, notes: part.notes)
        restore(part.sending)
        restore(void: part.latency.values.compactMap(\.void))
    }
}

/// A line of the timings blob.
struct RestoredTiming {
    var line: [UInt8]
    var exchange: String
    var position: Int
    /// Nanoseconds from the intended start and from the send, by arm.
    var arms: [(role: ArmPlan.Role, fromIntended: Int64, fromSend: Int64)] = []

    init(_ line: [UInt8], name: String) throws(AssayError) {
        self.line = line
        let document = "a timing of \(name)"
        let reader = JSONReader(try JSONParser.parse(line, file: document), document: document)
        exchange = try reader["exchange"].string()
        position = try reader["position"].count()
        for (arm, times) in try reader["arms"].members() {
            guard let role = ArmPlan.Role(rawValue: arm) else { continue }
            arms.append(
                (
                    role, Int64(try times["fromIntended"].count()),
                    Int64(try times["fromSend"].count())
                ))
        }
    }
}
