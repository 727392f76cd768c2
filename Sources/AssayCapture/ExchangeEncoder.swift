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
            block: CanonicalJSON.encode(metadata(of: exchange)))
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

    private static func metadata(of exchange: Exchange) -> JSONValue {
        let calls = exchange.egress.map { call -> JSONValue in
            [.integer(call.startedAfter), .integer(call.endedAfter)]
        }
        return .object(present: [
            "id": JSONValue(exchange.id), "startedAt": .integer(exchange.startedAt),
            "firstByteAfter": .integer(exchange.firstByteAfter),
            "endedAfter": .integer(exchange.endedAfter),
            "session": exchange.session.map { JSONValue($0) },
            "trace": exchange.trace.map { JSONValue($0) },
            "key": exchange.key.map { JSONValue($0) },
            "route": JSONValue(exchange.route),
            "slices": exchange.slices.isEmpty ? nil : JSONValue(exchange.slices),
            "egress": calls.isEmpty ? nil : .array(calls),
            "label": exchange.label.map { JSONValue($0) },
            "bundle": exchange.bundle.map { JSONValue($0) },
        ])
    }
}

extension WARCWriter {
    /// A dependency's name as a header may hold it: `%` and two digits for bytes that it may not.
    static func encodedName(_ name: String) -> [UInt8] {
        var text: [UInt8] = []
        for part in name.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false) {
            if part.startIndex != name.utf8.startIndex { text += "%25".utf8 }
            text += encoded(Array(part)[...])
        }
        return text
    }

    /// The name that `encodedName` wrote; `nil` for a `%` without two digits.
    static func decodedName(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.contains(UInt8(ascii: "%")) else { return String(decoding: bytes, as: UTF8.self) }
        var text: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                text.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard rest.count >= 2, let value = UInt8(digits, radix: 16) else { return nil }
            text.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
