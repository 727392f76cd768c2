import AssayCore

/// Writes HTTP archives (HAR 1.2). They hold messages taken apart and bodies decoded.
struct HARExport: ExchangeExport {
    private var isFirst = true

    var opening: [UInt8] {
        Array(
            "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"assay\",\"version\":\"1\"},\"entries\":["
                .utf8)
    }

    var closing: [UInt8] { Array("\n]}}\n".utf8) }

    mutating func text(
        of exchange: Exchange, _ report: inout CaptureExport
    ) throws(AssayError) -> [UInt8] {
        var notes: Set<String> = []
        var bytes: [UInt8] = []
        do throws(AssayError) {
            let request = try HTTPMessage(exchange.request, role: .request)
            bytes += "\(isFirst ? "" : ",")\n{\"startedDateTime\":\"".utf8
            bytes += "\(Timestamp.text(exchange.startedAt))\"".utf8
            bytes += ",\"time\":\(milliseconds(exchange.endedAfter))".utf8
            bytes += ",\"request\":".utf8
            try append(request: request, to: &bytes, &notes)
            bytes += ",\"response\":".utf8
            if exchange.isAnswered {
                let role = HTTPFramer.Role.response(toMethod: request.head.method)
                try append(
                    response: try HTTPMessage(exchange.response, role: role), to: &bytes, &notes)
            } else {
                bytes +=
                    "{\"status\":0,\"statusText\":\"\",\"httpVersion\":\"\",\"cookies\":[],\"headers\":[],\"content\":{\"size\":0,\"mimeType\":\"\"},\"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":-1}"
                    .utf8
            }
        } catch {
            let isHTTP = error.code == .unsupported
            report.note(isHTTP ? error.message : "it is no HTTP/1.1, and it is not in the file")
            return []
        }
        bytes += ",\"cache\":{},\"timings\":{\"send\":0,\"wait\":".utf8
        bytes += milliseconds(exchange.firstByteAfter).utf8
        bytes += ",\"receive\":".utf8
        bytes += milliseconds(exchange.endedAfter &- exchange.firstByteAfter).utf8
        bytes += "}}".utf8
        isFirst = false
        for note in notes { report.note(note) }
        noteFacts(exchange, &report)
        report.written += 1
        return bytes
    }

    /// Nanoseconds as milliseconds with six decimals, exactly.
    private func milliseconds(_ nanoseconds: Int64) -> String {
        let value = max(0, nanoseconds)
        let fraction = "\(value % 1_000_000)"
        let zeros = String(repeating: "0", count: 6 - fraction.utf8.count)
        return "\(value / 1_000_000).\(zeros)\(fraction)"
    }

    private func append(
        request: HTTPMessage, to bytes: inout [UInt8], _ notes: inout Set<String>
    ) throws(AssayError) {
        let head = request.head
        bytes += "{\"method\":".utf8
        CanonicalJSON.appendString(head.method, to: &bytes)
        bytes += ",\"url\":".utf8
        let isWhole = head.target.contains("://")
        CanonicalJSON.appendString(
            isWhole ? head.target : "http://\(head["host"] ?? "localhost")\(head.target)",
            to: &bytes)
        append(fields: head, to: &bytes)
        let body = try decoded(request, &notes)
        bytes += ",\"queryString\":[],\"headersSize\":-1,\"bodySize\":\(request.body.count)".utf8
        if !body.isEmpty {
            bytes += ",\"postData\":{\"mimeType\":".utf8
            CanonicalJSON.appendString(head["content-type"] ?? "", to: &bytes)
            append(body: body, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private func append(
        response: HTTPMessage, to bytes: inout [UInt8], _ notes: inout Set<String>
    ) throws(AssayError) {
        let head = response.head
        bytes += "{\"status\":\(head.status ?? 0),\"statusText\":".utf8
        CanonicalJSON.appendString(String(head.startLine.dropFirst(13)), to: &bytes)
        append(fields: head, to: &bytes)
        let body = try decoded(response, &notes)
        bytes += ",\"content\":{\"size\":\(body.count),\"mimeType\":".utf8
        CanonicalJSON.appendString(head["content-type"] ?? "", to: &bytes)
        append(body: body, to: &bytes)
        bytes += "},\"redirectURL\":".utf8
        CanonicalJSON.appendString(head["location"] ?? "", to: &bytes)
        bytes += ",\"headersSize\":-1,\"bodySize\":\(response.body.count)}".utf8
    }

    private func append(fields head: HTTPHead, to bytes: inout [UInt8]) {
        bytes += ",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"headers\":[".utf8
        var mark = ""
        for field in head.fields {
            bytes += "\(mark){\"name\":".utf8
            CanonicalJSON.appendString(field.name, to: &bytes)
            bytes += ",\"value\":".utf8
            CanonicalJSON.appendString(field.value, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
            mark = ","
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private func append(body: [UInt8], to bytes: inout [UInt8]) {
        bytes += ",\"text\":".utf8
        if let text = String(validating: body, as: UTF8.self) {
            CanonicalJSON.appendString(text, to: &bytes)
        } else {
            bytes.append(UInt8(ascii: "\""))
            bytes += Base64.encoded(body)
            bytes += "\",\"encoding\":\"base64\"".utf8
        }
    }

    /// The body as archives hold it; notes what of the message is lost. Throws `.unsupported` for one
    /// whose encoding cannot be undone.
    private func decoded(
        _ message: HTTPMessage, _ notes: inout Set<String>
    ) throws(AssayError) -> [UInt8] {
        let head = message.head
        if head["transfer-encoding"] != nil { notes.insert("its chunks are not in the file") }
        if head["content-encoding"] != nil {
            notes.insert("the content encoding of its body is not in the file")
        }
        guard let body = ContentCoding.decoded(message) else {
            // Readers take what an archive holds for the decoded body.
            throw AssayError(
                .unsupported,
                "the content encoding of its body could not be undone, and it is not in the file")
        }
        return body
    }
}
