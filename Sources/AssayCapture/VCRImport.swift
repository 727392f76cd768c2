import AssayCore
import SystemPackage
import Yams

/// Reads cassettes of VCR in YAML: those of vcrpy, with bodies as text, as `!!binary` or parsed
/// (`parsed_body`), and those of the Ruby library (`http_interactions`).
enum VCRImport {
    private static let noTimes = "no times in the format: only the order is known"

    /// Whether a file begins as a cassette does.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: start.prefix(4096), as: UTF8.self)
        for line in text.split(separator: "\n").map({ $0.filter { $0 != "\r" } }) {
            if line.hasPrefix("#") || line.hasPrefix("---") || line.hasPrefix("version:") {
                continue
            }
            return line.hasPrefix("interactions:") || line.hasPrefix("http_interactions:")
        }
        return false
    }

    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var losses = CaptureLosses()
        var items = try YAMLItems(path, key: ["interactions", "http_interactions"])
        var last: Int64 = -1
        while true {
            do throws(AssayError) {
                guard let (text, offset) = try items.next() else { break }
                let node = try compose(text, path, offset)
                try interaction(node, options, &last, &losses, &sink)
            } catch {
                try losses.pass(error, options)
            }
        }
        return losses
    }

    private static func compose(
        _ text: String, _ path: FilePath, _ offset: Int
    ) throws(AssayError) -> Node {
        let cause: any Error
        do {
            if let item = try Yams.compose(yaml: text)?.sequence?.first, item.mapping != nil {
                return item
            }
            cause = AssayError(.damaged, "it is no mapping")
        } catch {
            cause = error
        }
        throw AssayError(
            .damaged, "\(path) holds an interaction that cannot be read at byte \(offset)",
            hint: "keep the whole exchanges with `--salvage`", cause: cause)
    }

    private static func interaction<Sink: ExchangeSink & ~Copyable>(
        _ node: Node, _ options: ImportOptions, _ last: inout Int64,
        _ losses: inout CaptureLosses, _ sink: inout Sink
    ) throws(AssayError) {
        guard let request = node.mapping?["request"]?.mapping else {
            throw AssayError(.unsupported, "an interaction has no request")
        }
        let response = node.mapping?["response"]?.mapping
        guard response != nil || options.keepsUnanswered else {
            return losses.lose(\.truncated, "a request without a response")
        }
        var writer = HTTPMessageWriter()
        try fields(request, &writer)
        var isParsed = try body(request, &writer)
        let address = request["uri"]?.scalar?.string ?? request["url"]?.scalar?.string ?? ""
        guard let url = RequestURL(Array(address.utf8)) else {
            throw AssayError(.unsupported, "a request's URL is not one of HTTP")
        }
        let method = Array((request["method"]?.scalar?.string ?? "").uppercased().utf8)
        let requestBytes = try writer.request(method: method, target: url.target, host: url.host)
        var changes = writer.changes
        var responseBytes: [UInt8] = []
        var time = node.mapping?["recorded_at"]?.scalar.flatMap { recorded($0.string) }
        if let response {
            var writer = HTTPMessageWriter()
            try fields(response, &writer)
            isParsed = try body(response, &writer) || isParsed
            let status = response["status"]?.mapping
            guard
                let code = (status?["code"] ?? response["status_code"])?.scalar.flatMap({
                    Int($0.string)
                })
            else { throw AssayError(.unsupported, "a response has no status") }
            time =
                time
                ?? writer.value(of: "date").flatMap {
                    Timestamp.nanoseconds(httpDate: String(decoding: $0, as: UTF8.self))
                }
            responseBytes = try writer.response(
                status: code, reason: Array((status?["message"]?.scalar?.string ?? "").utf8),
                method: method)
            changes.formUnion(writer.changes)
        }
        guard Exchange.isPossible(startedAt: time ?? 0) else {
            throw AssayError(.unsupported, Exchange.impossibleTimes)
        }
        // The order of the file holds, whatever the times say.
        let startedAt = max(time ?? 0, last + 1)
        last = startedAt
        try sink.append(
            Exchange(
                request: requestBytes, response: responseBytes, startedAt: startedAt,
                firstByteAfter: 0, endedAfter: 0))
        losses.keep()
        losses.note(
            time == nil
                ? noTimes : "no latency and times in whole seconds: pacing cannot be rebuilt")
        if isParsed { losses.note("a body was held parsed and was written anew") }
        for change in changes { losses.note(change) }
    }

    private static func recorded(_ text: String) -> Int64? {
        Timestamp.nanoseconds(httpDate: text) ?? Timestamp.nanoseconds(text)
    }

    private static func fields(
        _ message: Node.Mapping, _ writer: inout HTTPMessageWriter
    ) throws(AssayError) {
        var size = 0
        for (name, values) in message["headers"]?.mapping ?? [:] {
            guard let name = name.scalar?.string else { continue }
            for value in values.sequence.map({ Array($0) }) ?? [values] {
                let value = try bytes(value) ?? []
                // Aliases make many large values of one.
                size += name.utf8.count + value.count
                guard size <= HTTPFramer.Limits().head else {
                    throw AssayError(.unsupported, "the fields of a message are too large")
                }
                writer.add(name.utf8, value)
            }
        }
    }

    /// Puts a message's body into the writer; true if it was held parsed.
    private static func body(
        _ message: Node.Mapping, _ writer: inout HTTPMessageWriter
    ) throws(AssayError) -> Bool {
        if let parsed = message["parsed_body"] {
            try YAMLJSON.append(parsed, to: &writer.body)
            writer.isDecoded = true
            return true
        }
        guard var body = message["body"] ?? message["content"] else { return false }
        if let mapping = body.mapping {
            if let text = mapping["base64_string"]?.scalar {
                writer.body = try binary(text.string)
                return false
            }
            guard let string = mapping["string"] else { return false }
            body = string
        }
        guard let bytes = try bytes(body) else {
            throw AssayError(.unsupported, "a body is neither text nor binary")
        }
        writer.body = bytes
        return false
    }

    /// The bytes of a scalar: text, `!!binary`, or nothing for null; `nil` for what is no scalar.
    private static func bytes(_ node: Node) throws(AssayError) -> [UInt8]? {
        guard let scalar = node.scalar else { return nil }
        switch node.tag.description {
        case "tag:yaml.org,2002:binary": return try binary(scalar.string)
        case "tag:yaml.org,2002:null" where scalar.style == .plain || scalar.style == .any:
            return []
        default: return Array(scalar.string.utf8)
        }
    }

    private static func binary(_ text: String) throws(AssayError) -> [UInt8] {
        guard let bytes = Base64.decoded(Array(text.utf8)) else {
            throw AssayError(.unsupported, "a body is no base64")
        }
        return bytes
    }
}
