import AssayCore
import SystemPackage

/// Reads the lines of JSON that `capture export` writes: one exchange each, with all that is known.
enum JSONLinesImport {
    /// Whether a file begins as such a file does.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        let head = Array(start.prefix(4096))
        return head.starts(with: "{\"".utf8)
            && ByteSearch.finds("\"firstByteAfter\":", in: head)
    }

    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        try JSONPieces.each(in: path, options) { tape, losses throws(AssayError) in
            let exchange = try exchange(tape)
            try check(exchange)
            try sink.append(exchange)
            losses.keep()
        }
    }

    /// Throws `.unsupported` for messages that are no whole HTTP/1.1, and for impossible times.
    private static func check(_ exchange: Exchange) throws(AssayError) {
        guard exchange.hasPossibleTimes else {
            throw AssayError(.unsupported, Exchange.impossibleTimes)
        }
        try check(exchange.request, exchange.response, "")
        for call in exchange.egress { try check(call.request, call.response, " of a call") }
    }

    private static func check(
        _ request: [UInt8], _ response: [UInt8], _ place: String
    ) throws(AssayError) {
        var part = "request"
        do throws(AssayError) {
            let method = try HTTPMessage(request, role: .request).head.method
            part = "response"
            guard !response.isEmpty else { return }
            _ = try HTTPMessage(response, role: .response(toMethod: method))
        } catch {
            throw AssayError(.unsupported, "the \(part)\(place) is no whole HTTP/1.1", cause: error)
        }
    }

    private static func exchange(_ tape: borrowing JSONTape) throws(AssayError) -> Exchange {
        let root = tape.root
        guard let request = try message(tape, tape.member("request", of: root)),
            let startedAt = tape.integer(tape.member("startedAt", of: root))
        else { throw AssayError(.unsupported, "a line is no exchange") }
        func time(_ name: StaticString, _ node: Int) -> Int64 {
            Int64(tape.integer(tape.member(name, of: node)) ?? 0)
        }
        func text(_ name: StaticString) -> String? { tape.text(tape.member(name, of: root)) }
        var exchange = Exchange(
            request: request, response: try message(tape, tape.member("response", of: root)) ?? [],
            startedAt: Int64(startedAt), firstByteAfter: time("firstByteAfter", root),
            endedAfter: time("endedAfter", root), session: text("session"), trace: text("trace"),
            key: text("key"), route: text("route") ?? "", label: text("label"),
            bundle: text("bundle").flatMap { Digest($0) })
        for (name, value) in tape.members(of: tape.member("slices", of: root)) {
            exchange.slices[name] = tape.text(value)
        }
        for node in tape.elements(of: tape.member("redacted", of: root)) {
            exchange.redacted.append(tape.text(node) ?? "")
        }
        for call in tape.elements(of: tape.member("egress", of: root)) {
            exchange.egress.append(
                EgressCall(
                    name: tape.text(tape.member("name", of: call)) ?? "",
                    request: try message(tape, tape.member("request", of: call)) ?? [],
                    response: try message(tape, tape.member("response", of: call)) ?? [],
                    startedAfter: time("startedAfter", call), endedAfter: time("endedAfter", call)))
        }
        return exchange
    }

    /// A message: text as a string, other bytes as `{"base64": …}`.
    private static func message(
        _ tape: borrowing JSONTape, _ node: Int?
    ) throws(AssayError) -> [UInt8]? {
        if let text = tape.bytes(node) { return text }
        guard let packed = tape.bytes(tape.member("base64", of: node)) else { return nil }
        guard let bytes = Base64.decoded(packed) else {
            throw AssayError(.unsupported, "a message is no base64")
        }
        return bytes
    }
}
