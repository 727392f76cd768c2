import AssayCore

/// Forms of one exchange for people. Pure: text in, text out.
public enum ExchangeText {
    /// One exchange readably: what is known of it, then both messages and the egress calls with heads
    /// as they were and bodies without transfer and content encoding; JSON indented, other text as it
    /// is, binary in hexadecimal.
    ///
    /// At most `limit` bytes of each body are shown. Control characters are written as `\u{1b}`, so
    /// that no recorded byte reaches the terminal as a command.
    public static func readable(_ exchange: Exchange, limit: Int = 64 << 10) -> String {
        var text = facts(of: exchange)
        text += "\n" + message(exchange.request, role: .request, limit: limit)
        let method = method(of: exchange.request)
        if exchange.isAnswered {
            text +=
                "\n"
                + message(exchange.response, role: .response(toMethod: method), limit: limit)
        } else {
            text += "\nno response was recorded\n"
        }
        for call in exchange.egress {
            let time = duration(call.endedAfter &- call.startedAfter)
            text += "\negress \(call.name), from \(duration(call.startedAfter)), took \(time)\n"
            text += message(call.request, role: .request, limit: limit)
            let role = HTTPFramer.Role.response(toMethod: Self.method(of: call.request))
            if !call.response.isEmpty {
                text += "\n" + message(call.response, role: role, limit: limit)
            }
        }
        return plain(text)
    }

    private static func facts(of exchange: Exchange) -> String {
        var lines = [
            "exchange   \(exchange.id)", "started    \(Timestamp.text(exchange.startedAt))",
        ]
        if exchange.isAnswered {
            lines.append(
                "answered   first byte after \(duration(exchange.firstByteAfter)), whole after "
                    + duration(exchange.endedAfter))
        }
        func add(_ name: String, _ value: String?) {
            let padding = String(repeating: " ", count: 11 - name.utf8.count)
            if let value, !value.isEmpty { lines.append("\(name)\(padding)\(value)") }
        }
        add("route", exchange.route)
        add("session", exchange.session)
        add("trace", exchange.trace)
        add("key", exchange.key)
        let slices = exchange.slices.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        add("slices", slices.joined(separator: ", "))
        add("label", exchange.label)
        add("bundle", exchange.bundle?.description)
        add("redacted", exchange.redacted.joined(separator: ", "))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func message(
        _ bytes: [UInt8], role: HTTPFramer.Role, limit: Int
    ) -> String {
        do throws(AssayError) {
            let message = try HTTPMessage(bytes, role: role)
            var text = message.head.startLine + "\n"
            for field in message.head.fields { text += "\(field.name): \(field.value)\n" }
            let raw = Array(message.body)
            guard !raw.isEmpty else { return text }
            guard let body = ContentCoding.decoded(message) else {
                let coding = message.head["content-encoding"] ?? ""
                return text + "\n(\(raw.count) bytes, still encoded: \(coding))\n"
                    + HexDump.text(raw, limit: limit)
            }
            return text + "\n" + self.body(body, limit: limit)
        } catch {
            return "(\(error.message))\n" + HexDump.text(bytes, limit: limit)
        }
    }

    private static func body(_ bytes: [UInt8], limit: Int) -> String {
        guard String(validating: bytes, as: UTF8.self) != nil,
            !bytes.contains(where: { $0 < 0x20 && ![0x09, 0x0A, 0x0D].contains($0) })
        else { return "(\(bytes.count) bytes, binary)\n" + HexDump.text(bytes, limit: limit) }
        var shown = bytes
        if let first = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            // What only begins like JSON is shown as the text that it is.
            (try? JSONParser.parse(bytes, file: "body")) != nil
        {
            shown = PrettyJSON.indented(bytes)
        }
        let text = String(decoding: shown.prefix(limit), as: UTF8.self)
        let end = text.hasSuffix("\n") ? "" : "\n"
        return shown.count > limit ? "\(text)\n(\(shown.count - limit) bytes more)\n" : text + end
    }

    /// The method of a request, `GET` for one that cannot be read.
    static func method(of request: [UInt8]) -> String {
        let word = request.afterEmptyLines.prefix { HTTPHead.isToken($0) }
        return word.isEmpty ? "GET" : String(decoding: word, as: UTF8.self)
    }

    private static func duration(_ nanoseconds: Int64) -> String {
        "\((Double(nanoseconds) / 1_000_000).fixed(3)) ms"
    }

    /// The text with every control character but tab and line feed in a form that can be seen; also
    /// those that turn the direction of writing.
    static func plain(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A: plain.append(scalar)
            case 0x0D: break
            case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
                plain.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: plain.append(scalar)
            }
        }
        return String(plain)
    }
}
