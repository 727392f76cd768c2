import AssayCore

/// Writes an exchange as WARC records: request, response, the egress calls in pairs, metadata last.
///
/// Documentation/CAPTURES.md says which field stands where.
enum ExchangeEncoder {
    /// Appends the records of an exchange.
    static func append(_ exchange: Exchange, to writer: inout WARCWriter) {
        let id = exchange.id
        let date = Timestamp.text(exchange.startedAt)
        let target = WARCWriter.target(of: exchange.request)
        let request = concurrent(id, "request")
        writer.append(
            .request, id: "\(id):request", date: date, target: target,
            fields: [concurrent(id, exchange.isAnswered ? "response" : "metadata")],
            block: exchange.request)
        if exchange.isAnswered {
            writer.append(
                .response, id: "\(id):response", date: date, target: target, fields: [request],
                block: exchange.response)
        }
        for (index, call) in exchange.egress.enumerated() {
            append(call, number: index, of: exchange, to: &writer)
        }
        writer.append(
            .metadata, id: "\(id):metadata", date: date, target: target, fields: [request],
            block: metadata(of: exchange))
    }

    private static func append(
        _ call: EgressCall, number: Int, of exchange: Exchange, to writer: inout WARCWriter
    ) {
        let part = "egress-\(number)"
        let date = Timestamp.text(exchange.startedAt &+ call.startedAfter)
        let target = WARCWriter.target(of: call.request)
        let name = String(decoding: WARCWriter.encodedName(call.name), as: UTF8.self)
        let shared = [concurrent(exchange.id, "request"), "WARC-Assay-Egress: \(name)\r\n"]
        let response = concurrent(exchange.id, "\(part)-response")
        writer.append(
            .request, id: "\(exchange.id):\(part)-request", date: date, target: target,
            fields: (call.response.isEmpty ? [] : [response]) + shared, block: call.request)
        if !call.response.isEmpty {
            writer.append(
                .response, id: "\(exchange.id):\(part)-response", date: date, target: target,
                fields: [concurrent(exchange.id, "\(part)-request")] + shared,
                block: call.response)
        }
    }

    private static func concurrent(_ id: String, _ part: String) -> String {
        "WARC-Concurrent-To: <urn:assay:\(id):\(part)>\r\n"
    }

    /// The canonical JSON (RFC 8785) of what is known of an exchange; written member by member, in
    /// the order of their names, because this is done for every exchange.
    private static func metadata(of exchange: Exchange) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        func member(_ name: String) {
            bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            bytes.append(UInt8(ascii: "\""))
            bytes += name.utf8
            bytes.append(UInt8(ascii: "\""))
            bytes.append(UInt8(ascii: ":"))
        }
        func member(_ name: String, _ text: String?) {
            guard let text else { return }
            member(name)
            append(text, to: &bytes)
        }
        func member(_ name: String, _ number: Int64) {
            member(name)
            bytes += String(number).utf8
        }
        member("bundle", exchange.bundle?.description)
        if !exchange.egress.isEmpty {
            member("egress")
            let calls = exchange.egress.map { "[\($0.startedAfter),\($0.endedAfter)]" }
            bytes += "[\(calls.joined(separator: ","))]".utf8
        }
        member("endedAfter", exchange.endedAfter)
        member("firstByteAfter", exchange.firstByteAfter)
        member("id", exchange.id)
        member("key", exchange.key)
        member("label", exchange.label)
        if !exchange.redacted.isEmpty {
            member("redacted")
            CanonicalJSON.append(JSONValue(exchange.redacted), to: &bytes)
        }
        member("route", exchange.route)
        member("session", exchange.session)
        if !exchange.slices.isEmpty {
            member("slices")
            CanonicalJSON.append(JSONValue(exchange.slices), to: &bytes)
        }
        member("startedAt", exchange.startedAt)
        member("trace", exchange.trace)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Appends a JSON string; most need no escapes and are copied whole.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard isPlain else { return CanonicalJSON.appendString(text, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\""))
    }
}

extension WARCWriter {
    /// A dependency's name as a header may hold it: `%` and two digits for bytes that it may not.
    static func encodedName(_ name: String) -> [UInt8] {
        var text: [UInt8] = []
        for part in name.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false)
        {
            if part.startIndex != name.utf8.startIndex { text += "%25".utf8 }
            text += encoded(Array(part)[...])
        }
        return text
    }

    /// The name that `encodedName` wrote; `nil` for a `%` without two digits.
    static func decodedName(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.contains(UInt8(ascii: "%")) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var text: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                text.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else {
                return nil
            }
            text.append(UInt8(high << 4 | low))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
