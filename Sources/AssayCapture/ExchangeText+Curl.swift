public import AssayCore

extension ExchangeText {
    /// A command that sends the exchange's request again, for a POSIX shell with curl.
    ///
    /// `base` is where to send it, as in `http://127.0.0.1:8000`; without one it goes to the recorded
    /// host. Sends the recorded fields and no others, and the body as it was, its content encoding
    /// kept; transfer encoding and length are curl's own. Throws `.damaged` for a request that cannot
    /// be read.
    public static func curl(
        _ exchange: Exchange, base: String? = nil
    ) throws(AssayError) -> String {
        let message = try HTTPMessage(exchange.request, role: .request)
        let head = message.head
        let host = head["host"] ?? "localhost"
        var words = ["curl", "--silent", "--show-error", "--include", "--http1.1", "--globoff"]
        words.append("--path-as-is")
        words += head.method == "HEAD" ? ["--head"] : ["--request", quoted(head.method)]
        for field in head.fields where !isOwn(field.name) {
            let line = field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
            words += ["--header", quoted(line)]
        }
        let body = Array(message.body)
        // What curl would add of itself is taken out where the request did not have it.
        var added = ["User-Agent", "Accept"]
        if !body.isEmpty { added += ["Content-Type", "Expect"] }
        for name in added where head[name] == nil { words += ["--header", quoted("\(name):")] }
        var prefix = ""
        if !body.isEmpty {
            // What would command a terminal is written as digits, as what is no text.
            if let text = String(validating: body, as: UTF8.self), plain(text) == text {
                words += ["--data-raw", quoted(text)]
            } else {
                prefix = "printf '\(octal(body))' | "
                words += ["--data-binary", "@-"]
            }
        }
        let target = head.target
        let isWhole = target.hasPrefix("http://") || target.hasPrefix("https://")
        let root = base ?? "http://\(host)"
        if isWhole || target.hasPrefix("/") {
            words.append(quoted(isWhole && base == nil ? target : root + path(of: target)))
        } else {
            words += ["--request-target", quoted(target), quoted(root)]
        }
        return prefix + words.joined(separator: " ")
    }

    /// The path and query of a target, without a scheme and host before them.
    private static func path(of target: String) -> String {
        guard !target.hasPrefix("/") else { return target }
        let rest = target.drop { $0 != ":" }.dropFirst(3)
        let path = rest.drop { $0 != "/" }
        return path.isEmpty ? "/" : String(path)
    }

    private static func isOwn(_ name: String) -> Bool {
        ["content-length", "transfer-encoding", "connection"].contains(name.lowercased())
    }

    /// One word of a shell.
    static func quoted(_ text: String) -> String {
        var word = "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" { word += "'\\''" } else { word.unicodeScalars.append(scalar) }
        }
        return word + "'"
    }

    /// Bytes as the format of `printf`.
    private static func octal(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            let digits = String(byte, radix: 8)
            text += "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
        }
        return text
    }
}
