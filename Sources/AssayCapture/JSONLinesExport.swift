import AssayCore

/// Writes a line of JSON for each exchange, with all that is known; messages that are UTF-8 as text,
/// others as `{"base64": …}`.
struct JSONLinesExport: ExchangeExport {
    mutating func text(
        of exchange: Exchange, _ report: inout CaptureExport
    ) throws(AssayError) -> [UInt8] {
        var bytes = Array("{\"id\":\"\(exchange.id)\",\"startedAt\":\(exchange.startedAt)".utf8)
        bytes += ",\"firstByteAfter\":\(exchange.firstByteAfter)".utf8
        bytes += ",\"endedAfter\":\(exchange.endedAfter)".utf8
        add("route", exchange.route, &bytes)
        add("session", exchange.session, &bytes)
        add("trace", exchange.trace, &bytes)
        add("key", exchange.key, &bytes)
        add("label", exchange.label, &bytes)
        add("bundle", exchange.bundle?.description, &bytes)
        if !exchange.slices.isEmpty {
            bytes += ",\"slices\":".utf8
            CanonicalJSON.append(JSONValue(exchange.slices), to: &bytes)
        }
        if !exchange.redacted.isEmpty {
            bytes += ",\"redacted\":".utf8
            CanonicalJSON.append(JSONValue(exchange.redacted), to: &bytes)
        }
        add("request", message: exchange.request, &bytes)
        if exchange.isAnswered { add("response", message: exchange.response, &bytes) }
        if !exchange.egress.isEmpty {
            bytes += ",\"egress\":[".utf8
            for (index, call) in exchange.egress.enumerated() {
                bytes += "\(index > 0 ? "," : ""){\"startedAfter\":\(call.startedAfter)".utf8
                bytes += ",\"endedAfter\":\(call.endedAfter)".utf8
                add("name", call.name, &bytes)
                add("request", message: call.request, &bytes)
                if !call.response.isEmpty { add("response", message: call.response, &bytes) }
                bytes.append(UInt8(ascii: "}"))
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes += "}\n".utf8
        report.written += 1
        return bytes
    }

    private func add(_ name: String, _ text: String?, _ bytes: inout [UInt8]) {
        guard let text else { return }
        bytes += ",\"\(name)\":".utf8
        CanonicalJSON.appendString(text, to: &bytes)
    }

    private func add(_ name: String, message: [UInt8], _ bytes: inout [UInt8]) {
        bytes += ",\"\(name)\":".utf8
        if let text = String(validating: message, as: UTF8.self) {
            CanonicalJSON.appendString(text, to: &bytes)
        } else {
            bytes += "{\"base64\":\"".utf8
            bytes += Base64.encoded(message)
            bytes += "\"}".utf8
        }
    }
}
