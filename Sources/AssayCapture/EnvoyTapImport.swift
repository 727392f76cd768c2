import AssayCore
import SystemPackage

/// Reads what Envoy's tap filter writes as JSON: whole traces (`http_buffered_trace`) and traces in
/// segments (`http_streamed_trace_segment`), one value behind the other.
enum EnvoyTapImport {
    /// Whether a file begins as such a file does.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        let head = Array(start.prefix(4096))
        return ByteSearch.finds("\"http_buffered_trace\"", in: head)
            || ByteSearch.finds("\"http_streamed_trace_segment\"", in: head)
    }

    /// One exchange as far as it was read.
    private struct Trace {
        var request = Part(), response = Part()
        var hasTrailers = false

        struct Part {
            var fields: [HTTPMessageWriter.Field] = []
            var body: [UInt8] = []
            var time: Int64?
            var isCut = false
        }
    }

    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var open = WaitingHalves<String, Trace>()
        var last: Int64 = -1
        var losses = try JSONPieces.each(in: path, options) { tape, losses throws(AssayError) in
            let root = tape.root
            if let trace = tape.member("http_buffered_trace", of: root) {
                var whole = Trace()
                whole.request = try part(tape, tape.member("request", of: trace), &whole)
                whole.response = try part(tape, tape.member("response", of: trace), &whole)
                try write(whole, options, &last, &losses, &sink)
            } else if let segment = tape.member("http_streamed_trace_segment", of: root) {
                let id =
                    tape.text(tape.member("trace_id", of: segment))
                    ?? tape.integer(tape.member("trace_id", of: segment)).map { "\($0)" } ?? ""
                var trace = open.take(id) ?? Trace()
                try add(tape, segment, to: &trace)
                let size = trace.request.body.count + trace.response.body.count + 4096
                for old in open.wait(trace, under: id, size: size) {
                    try write(old, options, &last, &losses, &sink)
                }
            } else {
                throw AssayError(.unsupported, "a value is no trace of HTTP")
            }
        }
        for trace in open.drain() { try write(trace, options, &last, &losses, &sink) }
        return losses
    }

    private static func part(
        _ tape: borrowing JSONTape, _ node: Int?, _ trace: inout Trace
    ) throws(AssayError) -> Trace.Part {
        var part = Trace.Part()
        fields(tape, tape.member("headers", of: node), &part)
        if !tape.elements(of: tape.member("trailers", of: node)).isEmpty {
            trace.hasTrailers = true
        }
        try body(tape, tape.member("body", of: node), &part)
        part.time = tape.text(tape.member("headers_received_time", of: node))
            .flatMap { Timestamp.nanoseconds($0) }
        return part
    }

    private static func add(
        _ tape: borrowing JSONTape, _ segment: Int, to trace: inout Trace
    ) throws(AssayError) {
        if let node = tape.member("request_headers", of: segment) {
            fields(tape, tape.member("headers", of: node), &trace.request)
        } else if let node = tape.member("request_body_chunk", of: segment) {
            try body(tape, node, &trace.request)
        } else if let node = tape.member("response_headers", of: segment) {
            fields(tape, tape.member("headers", of: node), &trace.response)
        } else if let node = tape.member("response_body_chunk", of: segment) {
            try body(tape, node, &trace.response)
        } else if tape.member("request_trailers", of: segment) != nil
            || tape.member("response_trailers", of: segment) != nil
        {
            trace.hasTrailers = true
        }
    }

    private static func fields(
        _ tape: borrowing JSONTape, _ list: Int?, _ part: inout Trace.Part
    ) {
        for field in tape.elements(of: list) {
            let raw = tape.bytes(tape.member("raw_value", of: field)).flatMap(Base64.decoded)
            part.fields.append(
                (
                    tape.bytes(tape.member("key", of: field)) ?? [],
                    raw ?? tape.bytes(tape.member("value", of: field)) ?? []
                ))
        }
    }

    private static func body(
        _ tape: borrowing JSONTape, _ node: Int?, _ part: inout Trace.Part
    ) throws(AssayError) {
        if tape.isTrue(tape.member("truncated", of: node)) { part.isCut = true }
        if let text = tape.bytes(tape.member("as_bytes", of: node)) {
            guard let bytes = Base64.decoded(text) else {
                throw AssayError(.unsupported, "a body is no base64")
            }
            part.body += bytes
        } else if let text = tape.bytes(tape.member("as_string", of: node)) {
            part.body += text
        }
    }

    private static func write<Sink: ExchangeSink & ~Copyable>(
        _ trace: Trace, _ options: ImportOptions, _ last: inout Int64,
        _ losses: inout CaptureLosses, _ sink: inout Sink
    ) throws(AssayError) {
        guard !trace.request.isCut, !trace.response.isCut else {
            return losses.lose(\.truncated, "a body was cut by the tap")
        }
        guard !trace.hasTrailers else {
            return losses.lose(\.unsupported, "a message has trailers")
        }
        guard !trace.request.fields.isEmpty else {
            return losses.lose(\.truncated, "a response without a request")
        }
        guard !trace.response.fields.isEmpty || options.keepsUnanswered else {
            return losses.lose(\.truncated, "a request without a response")
        }
        func value(_ name: String, _ part: Trace.Part) -> [UInt8]? {
            part.fields.first { $0.name.elementsEqual(name.utf8) }?.value
        }
        // Nothing ends a trace in segments, so that its own length tells whether it is whole.
        let isHead = value(":method", trace.request)?.elementsEqual("HEAD".utf8) ?? false
        for part in isHead ? [trace.request] : [trace.request, trace.response] {
            let status = value(":status", part)?.elementsEqual("304".utf8) ?? false
            guard let said = value("content-length", part), !status else { continue }
            guard Int(String(decoding: said, as: UTF8.self)) == part.body.count else {
                return losses.lose(\.truncated, "a body is not as long as its length says")
            }
        }
        do throws(AssayError) {
            let method = value(":method", trace.request) ?? []
            var request = HTTPMessageWriter()
            request.fields = trace.request.fields
            request.body = trace.request.body
            let requestBytes = try request.request(
                method: method, target: value(":path", trace.request) ?? [], host: [])
            var changes = request.changes
            var responseBytes: [UInt8] = []
            var time = trace.request.time
            if !trace.response.fields.isEmpty {
                var response = HTTPMessageWriter()
                response.fields = trace.response.fields
                response.body = trace.response.body
                let status = value(":status", trace.response).flatMap {
                    Int(String(decoding: $0, as: UTF8.self))
                }
                responseBytes = try response.response(
                    status: status ?? 0, reason: [], method: method)
                changes.formUnion(response.changes)
                time =
                    time
                    ?? response.value(of: "date").flatMap {
                        Timestamp.nanoseconds(httpDate: String(decoding: $0, as: UTF8.self))
                    }
            }
            guard Exchange.isPossible(startedAt: time ?? 0),
                Exchange.isPossible(startedAt: trace.response.time ?? 0)
            else { throw AssayError(.unsupported, Exchange.impossibleTimes) }
            // The order of the file holds, whatever the times say.
            let startedAt = max(time ?? 0, last + 1)
            last = startedAt
            let after = max(0, (trace.response.time ?? startedAt) - startedAt)
            try sink.append(
                Exchange(
                    request: requestBytes, response: responseBytes, startedAt: startedAt,
                    firstByteAfter: after, endedAfter: after))
            losses.keep()
            if trace.request.time == nil {
                losses.note(
                    time == nil
                        ? "no times in the format: only the order is known"
                        : "no latency and times in whole seconds: pacing cannot be rebuilt")
            }
            for change in changes { losses.note(change) }
        } catch {
            guard error.code == .unsupported else { throw error }
            losses.lose(\.unsupported, error.message)
        }
    }
}
