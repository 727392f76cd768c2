import AssayCore
import SystemPackage

/// Reads HTTP archives (HAR 1.2) of browsers and proxies.
///
/// Bodies are held decoded, whatever the fields say, and the messages are written anew as HTTP/1.1;
/// see `HTTPMessageWriter`.
enum HARImport {
    /// Whether a file begins as such an archive does: an object with `log` in it.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        var rest = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start.dropFirst(3) : start
        func skip(_ byte: UInt8) -> Bool {
            rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
            guard rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard skip(UInt8(ascii: "{")), skip(UInt8(ascii: "\"")), rest.starts(with: "log\"".utf8)
        else { return false }
        rest = rest.dropFirst(4)
        return skip(UInt8(ascii: ":")) && skip(UInt8(ascii: "{"))
    }

    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var losses = CaptureLosses()
        var tape = try JSONTape()
        var pieces = try JSONPieces(path, path: ["log", "entries"])
        while true {
            do throws(AssayError) {
                guard try pieces.next(&tape) else { break }
            } catch {
                guard options.salvage, error.code == .damaged else { throw error }
                losses.lose(\.truncated, error.message)
                continue
            }
            try entry(tape, options, &losses, &sink)
        }
        return losses
    }

    private static func entry<Sink: ExchangeSink & ~Copyable>(
        _ tape: borrowing JSONTape, _ options: ImportOptions, _ losses: inout CaptureLosses,
        _ sink: inout Sink
    ) throws(AssayError) {
        let entry = tape.root
        guard
            let startedAt = tape.text(tape.member("startedDateTime", of: entry))
                .flatMap({ Timestamp.nanoseconds($0) })
        else { return losses.lose(\.unsupported, "an entry has no startedDateTime") }
        let method = tape.bytes(tape.member("method", of: tape.member("request", of: entry))) ?? []
        var changes: Set<String> = []
        do throws(AssayError) {
            let request = try request(tape, tape.member("request", of: entry), &changes)
            let answer = tape.member("response", of: entry)
            guard let status = tape.integer(tape.member("status", of: answer)), status != 0 else {
                guard options.keepsUnanswered else {
                    return losses.lose(\.truncated, "a request without a response")
                }
                try sink.append(
                    Exchange(
                        request: request, response: [], startedAt: startedAt, firstByteAfter: 0,
                        endedAfter: 0))
                return losses.keep()
            }
            guard let response = try response(tape, answer, status, method, &changes) else {
                return losses.lose(\.truncated, "a response's body is not in the archive")
            }
            let (first, last) = times(tape, entry)
            try sink.append(
                Exchange(
                    request: request, response: response, startedAt: startedAt,
                    firstByteAfter: first, endedAfter: last))
            losses.keep()
            for change in changes { losses.note(change) }
        } catch {
            guard error.code == .unsupported else { throw error }
            losses.lose(\.unsupported, error.message)
        }
    }

    private static func request(
        _ tape: borrowing JSONTape, _ node: Int?, _ changes: inout Set<String>
    ) throws(AssayError) -> [UInt8] {
        guard let url = tape.bytes(tape.member("url", of: node)).flatMap({ RequestURL($0) }) else {
            throw AssayError(.unsupported, "a request's URL is not one of HTTP")
        }
        var writer = HTTPMessageWriter()
        writer.isDecoded = true
        fields(tape, node, &writer)
        let data = tape.member("postData", of: node)
        if let body = try body(tape, data) {
            writer.body = body
        } else if tape.isArray(tape.member("params", of: data)) {
            try form(tape, data, &writer)
        }
        if writer.body.isEmpty, let size = tape.integer(tape.member("bodySize", of: node)), size > 0
        {
            throw AssayError(.unsupported, "a request's body is not in the archive")
        }
        let method = tape.bytes(tape.member("method", of: node)) ?? []
        let bytes = try writer.request(method: method, target: url.target, host: url.host)
        changes.formUnion(writer.changes)
        return bytes
    }

    /// A form's fields as a URL-encoded body, which is how browsers send them.
    private static func form(
        _ tape: borrowing JSONTape, _ data: Int?, _ writer: inout HTTPMessageWriter
    ) throws(AssayError) {
        let type = tape.text(tape.member("mimeType", of: data)) ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
            throw AssayError(.unsupported, "a form is held as its parts, of type \(type)")
        }
        for parameter in tape.elements(of: tape.member("params", of: data)) {
            if !writer.body.isEmpty { writer.body.append(UInt8(ascii: "&")) }
            writer.body += tape.bytes(tape.member("name", of: parameter)) ?? []
            writer.body.append(UInt8(ascii: "="))
            writer.body += tape.bytes(tape.member("value", of: parameter)) ?? []
        }
    }

    /// The bytes of a body that the archive holds as text or in base64; `nil` if it holds none.
    private static func body(
        _ tape: borrowing JSONTape, _ node: Int?
    ) throws(AssayError) -> [UInt8]? {
        guard let text = tape.bytes(tape.member("text", of: node)) else { return nil }
        guard tape.text(tape.member("encoding", of: node)) == "base64" else { return text }
        guard let bytes = Base64.decoded(text) else {
            throw AssayError(.unsupported, "a body is no base64")
        }
        return bytes
    }

    /// The response; `nil` if it had a body that the archive does not hold.
    private static func response(
        _ tape: borrowing JSONTape, _ node: Int?, _ status: Int, _ method: [UInt8],
        _ changes: inout Set<String>
    ) throws(AssayError) -> [UInt8]? {
        var writer = HTTPMessageWriter()
        writer.isDecoded = true
        fields(tape, node, &writer)
        let content = tape.member("content", of: node)
        if let body = try body(tape, content) {
            writer.body = body
        } else if let size = tape.integer(tape.member("size", of: content)), size > 0,
            status != 304, !method.elementsEqual("HEAD".utf8)
        {
            return nil
        }
        let reason = tape.bytes(tape.member("statusText", of: node)) ?? []
        let bytes = try writer.response(status: status, reason: reason, method: method)
        changes.formUnion(writer.changes)
        return bytes
    }

    private static func fields(
        _ tape: borrowing JSONTape, _ message: Int?, _ writer: inout HTTPMessageWriter
    ) {
        for field in tape.elements(of: tape.member("headers", of: message)) {
            guard let name = tape.bytes(tape.member("name", of: field)),
                let value = tape.bytes(tape.member("value", of: field))
            else { continue }
            // Several values of one field are held with line feeds between them by some browsers.
            for part in value.split(separator: 0x0A, omittingEmptySubsequences: false) {
                writer.add(name, part.last == 0x0D ? part.dropLast() : part)
            }
        }
    }

    /// When the first and the last byte of the answer came, after the start.
    private static func times(_ tape: borrowing JSONTape, _ entry: Int) -> (Int64, Int64) {
        let timings = tape.member("timings", of: entry)
        func milliseconds(_ name: StaticString) -> Double {
            max(0, tape.number(tape.member(name, of: timings)) ?? 0)
        }
        // The time for TLS is part of that for connecting.
        let first =
            milliseconds("blocked") + milliseconds("dns") + milliseconds("connect")
            + milliseconds("send") + milliseconds("wait")
        let summed = first + milliseconds("receive")
        let whole = tape.number(tape.member("time", of: entry)) ?? summed
        func nanoseconds(_ value: Double) -> Int64 {
            Int64((min(max(0, value), 1e12) * 1_000_000).rounded())
        }
        let firstByte = nanoseconds(first)
        return (firstByte, max(firstByte, nanoseconds(max(whole, summed))))
    }
}
