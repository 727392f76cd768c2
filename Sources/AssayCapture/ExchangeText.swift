import AssayCore

extension Exchange {
    /// The exchange for people: heads as they were, bodies as text, or as hexadecimal where they are
    /// not text.
    public var readableLines: [String] {
        var lines = ["exchange \(id) at \(Timestamp.text(startedAt)), \(route)"]
        let facts = [
            ("session", session), ("trace", trace), ("key", key), ("label", label),
            ("bundle", bundle.map { "\($0)" }),
        ]
        for (name, value) in facts { if let value { lines.append("\(name) \(value)") } }
        for (name, value) in slices.sorted(by: { $0.key < $1.key }) {
            lines.append("slice \(name)=\(value)")
        }
        lines.append(
            "first byte after \((Double(firstByteAfter) / 1e6).fixed(3)) ms, "
                + "ended after \((Double(endedAfter) / 1e6).fixed(3)) ms")
        lines += Self.message(">", request, role: .request)
        let method = (try? HTTPMessage(request, role: .request))?.head.method ?? "GET"
        lines += Self.message("<", response, role: .response(toMethod: method))
        for call in egress {
            lines.append("egress \(call.name)")
            lines += Self.message("  >", call.request, role: .request)
            lines += Self.message("  <", call.response, role: .response(toMethod: "GET"))
        }
        return lines
    }

    /// A `curl` command that sends the request again to `url`, the origin of a server.
    public func curl(url: String) -> String {
        guard let message = try? HTTPMessage(request, role: .request) else {
            return "# not whole HTTP/1.1"
        }
        func quoted(_ text: String) -> String {
            "'"
                + text.split(separator: "'", omittingEmptySubsequences: false).joined(
                    separator: "'\\''") + "'"
        }
        var words = ["curl", "-i", "-X", message.head.method]
        let left = ["host", "content-length", "connection", "transfer-encoding"]
        for field in message.head.fields where !left.contains(field.name.lowercased()) {
            words += ["-H", quoted("\(field.name): \(field.value)")]
        }
        if !message.body.isEmpty {
            words += ["--data-binary", quoted(String(decoding: message.body, as: UTF8.self))]
        }
        return (words + [quoted(url + message.head.target)]).joined(separator: " ")
    }

    private static func message(_ mark: String, _ bytes: [UInt8], role: HTTPFramer.Role) -> [String]
    {
        guard let message = try? HTTPMessage(bytes, role: role) else {
            return ["\(mark) \(bytes.count) bytes"]
        }
        var lines = ["\(mark) \(message.head.startLine)"]
        lines += message.head.fields.map { "\(mark) \($0.name): \($0.value)" }
        let body = Array(message.body)
        guard !body.isEmpty else { return lines }
        if let text = String(validating: body, as: UTF8.self),
            text.unicodeScalars.allSatisfy({
                $0.value >= 0x20 || $0 == "\n" || $0 == "\t" || $0 == "\r"
            })
        {
            lines += text.split(separator: "\n").map { "\(mark)   \($0)" }
        } else {
            for row in stride(from: 0, to: min(body.count, 1024), by: 16) {
                let cells = body[row..<min(row + 16, body.count)].map { byte in
                    (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
                lines.append("\(mark)   \(cells.joined(separator: " "))")
            }
            if body.count > 1024 { lines.append("\(mark)   … \(body.count - 1024) more bytes") }
        }
        return lines
    }
}
