import AssayCore

/// An exchange as WARC records: request, response, the egress calls in pairs, and metadata last.
enum ExchangeCodec {
    /// Appends the records of an exchange.
    static func append(_ exchange: Exchange, to bytes: inout [UInt8]) {
        let date = Timestamp.text(exchange.startedAt)
        let uri = targetURI(of: exchange.request)
        func record(
            _ type: String, _ part: String, _ block: [UInt8], _ uri: String,
            _ more: [(String, String)]
        ) {
            let media = type == "metadata" ? "application/json" : "application/http;msgtype=\(type)"
            WARCRecord(
                fields: [
                    ("WARC-Type", type), ("WARC-Record-ID", "<urn:assay:\(exchange.id):\(part)>"),
                    ("WARC-Date", date), ("WARC-Target-URI", uri), ("Content-Type", media),
                ] + more, block: block[...]
            ).append(to: &bytes)
        }
        func concurrent(_ part: String) -> (String, String) {
            ("WARC-Concurrent-To", "<urn:assay:\(exchange.id):\(part)>")
        }
        record("request", "request", exchange.request, uri, [concurrent("response")])
        record("response", "response", exchange.response, uri, [concurrent("request")])
        for (index, call) in exchange.egress.enumerated() {
            let uri = targetURI(of: call.request)
            let name = ("WARC-Assay-Egress", call.name)
            record(
                "request", "egress-\(index)-request", call.request, uri,
                [concurrent("egress-\(index)-response"), name])
            record(
                "response", "egress-\(index)-response", call.response, uri,
                [concurrent("egress-\(index)-request"), name])
        }
        let metadata = CanonicalJSON.encode(metadata(of: exchange))
        record("metadata", "metadata", metadata, uri, [concurrent("request")])
    }

    /// Reads the records of the exchange that starts `bytes`, and moves `bytes` behind it.
    static func take(from bytes: inout ArraySlice<UInt8>) throws(AssayError) -> Exchange {
        let request = try http(&bytes, "request")
        let response = try http(&bytes, "response")
        var calls: [(name: String, request: [UInt8], response: [UInt8])] = []
        while true {
            let record = try WARCRecord.take(from: &bytes)
            if record["WARC-Type"] == "metadata" {
                return try exchange(request.block, response.block, calls, metadata: record)
            }
            guard record["WARC-Type"] == "request", let name = record["WARC-Assay-Egress"] else {
                throw WARCRecord.damaged("an exchange has no metadata record")
            }
            let answer = try http(&bytes, "response")
            calls.append((name, Array(record.block), Array(answer.block)))
        }
    }

    private static func http(_ bytes: inout ArraySlice<UInt8>, _ type: String) throws(AssayError)
        -> WARCRecord
    {
        let record = try WARCRecord.take(from: &bytes)
        guard record["WARC-Type"] == type else {
            throw WARCRecord.damaged(
                "a \(type) record was expected, not \(record["WARC-Type"] ?? "none")")
        }
        return record
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

    private static func exchange(
        _ request: ArraySlice<UInt8>, _ response: ArraySlice<UInt8>,
        _ calls: [(name: String, request: [UInt8], response: [UInt8])], metadata: WARCRecord
    ) throws(AssayError) -> Exchange {
        let name = "the metadata of an exchange"
        let root = JSONReader(
            try JSONParser.parse(Array(metadata.block), file: name), document: name)
        try root.allow(only: [
            "id", "startedAt", "firstByteAfter", "endedAfter", "session", "trace", "key", "route",
            "slices", "egress", "label", "bundle",
        ])
        let times = try root["egress"].ifPresent?.elements() ?? []
        guard times.count == calls.count else {
            throw root["egress"].mismatch("the times of every call")
        }
        var egress: [EgressCall] = []
        for (call, time) in zip(calls, times) {
            let pair = try time.elements()
            guard pair.count == 2 else { throw time.mismatch("a start and an end") }
            egress.append(
                EgressCall(
                    name: call.name, request: call.request, response: call.response,
                    startedAfter: Int64(try pair[0].integer()),
                    endedAfter: Int64(try pair[1].integer())))
        }
        var exchange = Exchange(
            request: Array(request), response: Array(response),
            startedAt: Int64(try root["startedAt"].integer()),
            firstByteAfter: Int64(try root["firstByteAfter"].integer()),
            endedAfter: Int64(try root["endedAfter"].integer()),
            session: try root["session"].ifPresent?.string(),
            trace: try root["trace"].ifPresent?.string(),
            key: try root["key"].ifPresent?.string(), route: try root["route"].string(),
            slices: try root["slices"].ifPresent?.stringMap() ?? [:], egress: egress,
            label: try root["label"].ifPresent?.string(),
            bundle: try root["bundle"].ifPresent?.digest())
        exchange.id = try root["id"].string()
        return exchange
    }

    /// The URI that a request asks for; heads that cannot be read give the root.
    static func targetURI(of request: [UInt8]) -> String {
        let text = String(decoding: request.prefix(8192), as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ")
        let target = words.count == 3 ? words[1] : "/"
        let host = lines.dropFirst().prefix { !$0.isEmpty }.first {
            $0.lowercased().hasPrefix("host:")
        }
        let name = host.map { $0.dropFirst(5).drop { $0 == " " } } ?? "localhost"
        let safe = (target.hasPrefix("/") ? "http://\(name)\(target)" : String(target))
        return String(
            safe.unicodeScalars.filter { $0.value > 0x20 && $0.value < 0x7F }.map(Character.init))
    }
}
