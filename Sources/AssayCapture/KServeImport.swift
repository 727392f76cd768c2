import AssayCore
import SystemPackage

/// Reads the events of KServe's payload logger (CloudEvents 1.0): as JSON values in a row or an
/// array, or as the HTTP requests in binary mode that a sink received, one behind the other.
///
/// Request and response are events of their own, joined by their id in either order. Neither path
/// nor status is in them.
enum KServeImport {
    /// Whether a file begins as events in JSON do.
    static func recognisesJSON(_ start: ArraySlice<UInt8>) -> Bool {
        let head = Array(start.prefix(4096))
        let first = head.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
            ? ByteSearch.finds("\"specversion\"", in: head) : false
    }

    /// Whether a file begins as such a request does.
    static func recognisesHTTP(_ start: ArraySlice<UInt8>) -> Bool {
        let head = String(decoding: start.prefix(4096), as: UTF8.self).lowercased()
        return head.hasPrefix("post ") && head.contains("\r\nce-id:")
    }

    /// Hands the exchanges of events in JSON to `sink`, and counts what is lost and why.
    static func readJSON<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var joining = EventJoining(options: options)
        var tape = try JSONTape()
        var pieces = try JSONPieces(path)
        while true {
            do throws(AssayError) {
                guard try pieces.next(&tape) else { break }
                try joining.add(try event(tape), &sink)
            } catch {
                try joining.pass(error)
            }
        }
        try joining.finish(&sink)
        return joining.losses
    }

    /// Hands the exchanges of HTTP requests in binary mode to `sink`, and counts what is lost.
    static func readHTTP<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var joining = EventJoining(options: options)
        var input = try ImportBuffer(path)
        while true {
            do throws(AssayError) {
                guard let event = try request(&input) else { break }
                try joining.add(event, &sink)
            } catch {
                try joining.pass(error)
                // Framing is lost with the message, so that nothing behind it can be found.
                if error.code == .damaged { break }
            }
        }
        try joining.finish(&sink)
        return joining.losses
    }

    private static func event(_ tape: borrowing JSONTape) throws(AssayError) -> ServingEvent {
        func text(_ name: StaticString) -> String? {
            tape.text(tape.member(name, of: tape.root))
        }
        var event = try ServingEvent(id: text("id"), type: text("type"), time: text("time"))
        event.service = text("inferenceservicename")
        event.contentType = text("datacontenttype")
        if let data = tape.bytes(tape.member("data_base64", of: tape.root)) {
            guard let bytes = Base64.decoded(data) else {
                throw AssayError(.unsupported, "a body is no base64")
            }
            event.body = bytes
        } else if let data = tape.member("data", of: tape.root) {
            let isText = event.contentType.map { !$0.lowercased().contains("json") } ?? false
            event.body = (isText ? tape.bytes(data) : nil) ?? tape.raw(data) ?? []
        }
        return event
    }

    private static func request(
        _ input: inout ImportBuffer
    ) throws(AssayError) -> ServingEvent? {
        while try input.fill(1), let byte = input.byte(at: 0), byte == 0x0D || byte == 0x0A {
            input.advance(1)
        }
        guard try input.fill(1) else {
            guard input.failure == nil else { throw input.damaged("cannot be read on") }
            return nil
        }
        var framer = HTTPFramer(.request)
        while true {
            do throws(AssayError) {
                framer = HTTPFramer(.request)
                _ = try framer.consume(input.ahead)
            } catch {
                throw input.damaged("holds no HTTP request", cause: error)
            }
            if framer.isComplete { break }
            guard try input.grow() else {
                throw input.damaged("is cut short in the request that begins")
            }
        }
        let message = try HTTPMessage(Array(input.ahead.prefix(framer.count)), role: .request)
        input.advance(framer.count)
        let head = message.head
        var event = try ServingEvent(
            id: head["ce-id"], type: head["ce-type"], time: head["ce-time"])
        event.service = head["ce-inferenceservicename"]
        event.contentType = head["content-type"]
        event.body = Array(message.body)
        return event
    }
}

/// One event of the payload logger.
private struct ServingEvent {
    let id: String
    let isRequest: Bool
    let time: Int64
    var service: String?
    var contentType: String?
    var body: [UInt8] = []

    init(id: String?, type: String?, time: String?) throws(AssayError) {
        guard let id, let type else { throw AssayError(.unsupported, "an event has no id or type") }
        if type.hasSuffix("inference.request") {
            isRequest = true
        } else if type.hasSuffix("inference.response") {
            isRequest = false
        } else {
            throw AssayError(.unsupported, "an event of type \(type)")
        }
        guard let time = time.flatMap({ Timestamp.nanoseconds($0) }) else {
            throw AssayError(.unsupported, "an event has no time")
        }
        self.id = id
        self.time = time
    }
}

private struct EventJoining {
    let options: ImportOptions
    var losses = CaptureLosses()
    private var waiting = WaitingHalves<String, ServingEvent>()

    init(options: ImportOptions) {
        self.options = options
    }

    /// Counts an error, or throws it on.
    mutating func pass(_ error: AssayError) throws(AssayError) {
        try losses.pass(error, options)
    }

    mutating func add<Sink: ExchangeSink & ~Copyable>(
        _ event: ServingEvent, _ sink: inout Sink
    ) throws(AssayError) {
        if let other = waiting[event.id], other.isRequest != event.isRequest {
            _ = waiting.take(event.id)
            return try write(
                event.isRequest ? event : other, event.isRequest ? other : event, &sink)
        }
        for half in waiting.wait(event, under: event.id, size: event.body.count + 512) {
            try giveUp(half, &sink)
        }
    }

    mutating func finish<Sink: ExchangeSink & ~Copyable>(_ sink: inout Sink) throws(AssayError) {
        for half in waiting.drain() { try giveUp(half, &sink) }
    }

    private mutating func giveUp<Sink: ExchangeSink & ~Copyable>(
        _ half: ServingEvent, _ sink: inout Sink
    ) throws(AssayError) {
        guard half.isRequest else {
            return losses.lose(\.truncated, "a response without a request")
        }
        guard options.keepsUnanswered else {
            return losses.lose(\.truncated, "a request without a response")
        }
        try write(half, nil, &sink)
    }

    private mutating func write<Sink: ExchangeSink & ~Copyable>(
        _ request: ServingEvent, _ response: ServingEvent?, _ sink: inout Sink
    ) throws(AssayError) {
        let method = Array("POST".utf8)
        let target = options.target ?? self.target(of: request)
        var writer = HTTPMessageWriter()
        let type = request.contentType ?? "application/json"
        writer.add("Content-Type", type)
        writer.body = request.body
        let host = Array((request.service ?? "kserve").utf8)
        do throws(AssayError) {
            let requestBytes = try writer.request(
                method: method, target: Array(target.utf8), host: host)
            var responseBytes: [UInt8] = []
            var after: Int64 = 0
            if let response {
                var writer = HTTPMessageWriter()
                // The logger gives the response's event the content type of the request.
                writer.add("Content-Type", type)
                writer.body = response.body
                responseBytes = try writer.response(
                    status: 200, reason: Array("OK".utf8), method: method)
                after = max(0, response.time &- request.time)
                losses.note("no status in the format: 200 was supposed")
            }
            var exchange = Exchange(
                request: requestBytes, response: responseBytes, startedAt: request.time,
                firstByteAfter: after, endedAfter: after)
            exchange.key = request.id
            try sink.append(exchange)
            losses.keep()
            losses.note("no path in the format: \(target) was supposed")
        } catch {
            guard error.code == .unsupported else { throw error }
            losses.lose(\.unsupported, error.message)
        }
    }

    /// The target of KServe's protocol that a body of this form goes to.
    private func target(of request: ServingEvent) -> String {
        let name = request.service ?? "model"
        let isV2 = ByteSearch.first(Array("\"inputs\"".utf8), in: request.body, from: 0) != nil
        let isV1 = ByteSearch.first(Array("\"instances\"".utf8), in: request.body, from: 0) != nil
        return isV2 && !isV1 ? "/v2/models/\(name)/infer" : "/v1/models/\(name):predict"
    }
}
