import AssayCore
import SystemPackage

/// Reads the flows that mitmproxy writes, of format 7 to 21: tnetstrings in a row.
enum MitmproxyImport {
    /// Whether a file begins as such a file does.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        let digits = start.prefix { (0x30...0x39).contains($0) }
        guard (1...12).contains(digits.count) else { return false }
        let rest = start.dropFirst(digits.count)
        guard rest.first == UInt8(ascii: ":") else { return false }
        // A flow is a dictionary, so that a name of text or bytes comes next.
        let name = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
        return !name.isEmpty && rest.dropFirst(1 + name.count).first == UInt8(ascii: ":")
    }

    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var losses = CaptureLosses()
        var input = try ImportBuffer(path)
        while true {
            do throws(AssayError) {
                guard let value = try TNetString.next(&input) else { break }
                try flow(value, options, &losses, &sink)
            } catch {
                try losses.pass(error, options)
                // Nothing marks where the next flow begins.
                if error.code == .damaged { return losses }
            }
        }
        return losses
    }

    private static func flow<Sink: ExchangeSink & ~Copyable>(
        _ flow: TNetString, _ options: ImportOptions, _ losses: inout CaptureLosses,
        _ sink: inout Sink
    ) throws(AssayError) {
        guard let type = flow["type"]?.text else {
            throw AssayError(.unsupported, "a value is no flow")
        }
        guard type == "http" else { throw AssayError(.unsupported, "a flow of type \(type)") }
        guard let version = flow["version"]?.integer, (7...21).contains(version) else {
            throw AssayError(
                .unsupported,
                "a flow is of a format other than 7 to 21: convert it with mitmproxy's own program")
        }
        guard let request = flow["request"], request.isDictionary else {
            return losses.lose(\.truncated, "a flow without a request")
        }
        guard
            let startedAt = request["timestamp_start"]?.number.flatMap({ Timestamp.nanoseconds($0) }
            )
        else { throw AssayError(.unsupported, "a request has no time") }
        let response = flow["response"].flatMap { $0.isDictionary ? $0 : nil }
        guard response != nil || options.keepsUnanswered else {
            return losses.lose(\.truncated, "a request without a response")
        }
        let method = request["method"]?.bytes ?? []
        var changes: Set<String> = []
        var writer = try message(request)
        let requestBytes = try writer.request(
            method: method, target: try target(request), host: host(of: request))
        changes.formUnion(writer.changes)
        var responseBytes: [UInt8] = []
        var first: Int64 = 0
        var last: Int64 = 0
        if let response {
            var writer = try message(response)
            responseBytes = try writer.response(
                status: response["status_code"]?.integer ?? 0,
                reason: response["reason"]?.bytes ?? [], method: method)
            changes.formUnion(writer.changes)
            func after(_ name: String) -> Int64? {
                response[name]?.number.flatMap { Timestamp.nanoseconds($0) }.map {
                    max(0, $0 &- startedAt)
                }
            }
            first = after("timestamp_start") ?? 0
            last = max(first, after("timestamp_end") ?? first)
        }
        try sink.append(
            Exchange(
                request: requestBytes, response: responseBytes, startedAt: startedAt,
                firstByteAfter: first, endedAfter: last))
        losses.keep()
        for change in changes { losses.note(change) }
    }

    private static func message(_ message: TNetString) throws(AssayError) -> HTTPMessageWriter {
        var writer = HTTPMessageWriter()
        for field in message["headers"]?.elements ?? [] {
            guard let pair = field.elements, pair.count == 2, let name = pair[0].bytes,
                let value = pair[1].bytes
            else { throw AssayError(.unsupported, "a header of a flow is no pair") }
            writer.add(name, value)
        }
        if let trailers = message["trailers"]?.elements, !trailers.isEmpty {
            throw AssayError(.unsupported, "a message has trailers")
        }
        guard let content = message["content"]?.bytes else {
            throw AssayError(.unsupported, "a flow was written without its content")
        }
        writer.body = content
        return writer
    }

    private static func target(_ request: TNetString) throws(AssayError) -> [UInt8] {
        guard let path = request["path"]?.bytes, !path.isEmpty else {
            throw AssayError(.unsupported, "a request has no path")
        }
        // A request to a proxy names the whole URL.
        return RequestURL(path)?.target ?? path
    }

    private static func host(of request: TNetString) -> [UInt8] {
        if let authority = request["authority"]?.bytes, !authority.isEmpty { return authority }
        let host = request["host"]?.bytes ?? []
        let isPlain = request["scheme"]?.bytes?.elementsEqual("http".utf8) ?? true
        let port = request["port"]?.integer ?? 0
        return port == (isPlain ? 80 : 443) || port == 0 ? host : host + Array(":\(port)".utf8)
    }
}
