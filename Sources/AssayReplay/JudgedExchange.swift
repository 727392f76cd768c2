import AssayCapture
import AssayCore
import AssayEvidence

/// One exchange after its answers were compared: what it showed, and its lines.
final class JudgedExchange: Sendable {
    let result: ReplayPass.Result
    let finding: Finding
    /// The line of the outcome blob.
    let row: [UInt8]
    /// The line of the timings blob.
    let timing: [UInt8]

    /// Compares all answers of an exchange, and counts their places. Throws `.limit` without memory
    /// for that.
    init(
        _ result: ReplayPass.Result, plan: ReplayPlan, judge: AnswerJudge
    ) throws(AssayError) {
        self.result = result
        finding = try judge.turnstile.pass(if: result.isLarge) { () throws(AssayError) -> Finding in
            let finding = Finding(result, plan: plan, judge: judge)
            try judge.observe(
                result.job.recorded, result.answers, areEqual: finding.foundNothing)
            return finding
        }
        var row: [UInt8] = []
        row.reserveCapacity(256)
        finding.row.appendRow(to: &row)
        self.row = row
        timing = result.timingLine
    }
}

extension ReplayPass.Result {
    /// The line of the timings blob, canonical JSON: nanoseconds from the intended start and from
    /// the send, by arm.
    fileprivate var timingLine: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160)
        bytes += "{\"arms\":{".utf8
        var isFirst = true
        for (role, answer) in answers.all.sorted(by: { $0.role.rawValue < $1.role.rawValue }) {
            guard let times = answer.times else { continue }
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes.append(UInt8(ascii: "\""))
            bytes += role.rawValue.utf8
            bytes += "\":{\"firstByte\":".utf8
            CanonicalJSON.appendInteger(times.firstByteAt - times.sentAt, to: &bytes)
            bytes += ",\"fromIntended\":".utf8
            CanonicalJSON.appendInteger(times.endedAt - times.sentAt + lateness, to: &bytes)
            bytes += ",\"fromSend\":".utf8
            CanonicalJSON.appendInteger(times.endedAt - times.sentAt, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "},\"exchange\":".utf8
        CanonicalJSON.appendString(exchange.id, to: &bytes)
        bytes += ",\"position\":".utf8
        CanonicalJSON.appendInteger(Int64(job.position), to: &bytes)
        bytes += "}\n".utf8
        return bytes
    }
}
