import AssayCore

/// Writes files of GoReplay.
struct GorExport: ExchangeExport {
    private var number: UInt32 = 0

    mutating func text(
        of exchange: Exchange, _ report: inout CaptureExport
    ) throws(AssayError) -> [UInt8] {
        // An id of GoReplay has 24 digits; the number tells exchanges of equal bytes apart.
        let tail = String(number, radix: 16)
        let zeros = String(repeating: "0", count: 8 - tail.utf8.count)
        let id = exchange.id.prefix(16) + zeros + tail
        number &+= 1
        var bytes = Array("1 \(id) \(exchange.startedAt) 0\n".utf8)
        bytes += exchange.request
        bytes += GorMeta.separator
        if exchange.isAnswered {
            let answeredAt = exchange.startedAt &+ exchange.firstByteAfter
            let duration = exchange.endedAfter &- exchange.firstByteAfter
            bytes += "2 \(id) \(answeredAt) \(duration)\n".utf8
            bytes += exchange.response
            bytes += GorMeta.separator
        }
        for message in [exchange.request, exchange.response]
        where ByteSearch.first(GorMeta.separator, in: message, from: 0) != nil {
            report.note("a body holds GoReplay's separator, where other readers end the record")
        }
        if exchange.startedAt < 0 { report.note("its time is before 1970, which import refuses") }
        noteFacts(exchange, &report)
        report.written += 1
        return bytes
    }
}
