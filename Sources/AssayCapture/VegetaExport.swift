import AssayCore

/// Writes targets for vegeta: a line of JSON for each request.
struct VegetaExport: ExchangeExport {
    /// The server that the targets name; `nil` for the host of each request.
    let origin: String?

    mutating func text(
        of exchange: Exchange, _ report: inout CaptureExport
    ) throws(AssayError) -> [UInt8] {
        let message: HTTPMessage
        do throws(AssayError) {
            message = try HTTPMessage(exchange.request, role: .request)
        } catch {
            report.note("its request is no HTTP/1.1, and it is not in the file")
            return []
        }
        var headers: [String: JSONValue] = [:]
        for field in message.head.fields {
            let name = field.name
            if ["content-length", "transfer-encoding"].contains(name.lowercased()) { continue }
            if case .array(let values)? = headers[name] {
                headers[name] = .array(values + [.string(field.value)])
            } else {
                headers[name] = [.string(field.value)]
            }
        }
        let server = origin ?? "http://\(message.head["host"] ?? "localhost")"
        let body = Array(message.body)
        let target: JSONValue = .object(present: [
            "method": .string(message.head.method),
            "url": .string(server + message.head.target),
            "header": .object(headers),
            "body": body.isEmpty
                ? nil : .string(String(decoding: Base64.encoded(body), as: UTF8.self)),
        ])
        report.note("its response and times are not in the file: vegeta has requests alone")
        noteFacts(exchange, &report)
        report.written += 1
        return CanonicalJSON.encode(target) + [0x0A]
    }
}
