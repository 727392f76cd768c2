/// What a registry asks for in `WWW-Authenticate`; RFC 7235 and the token specification of the
/// distribution project.
struct Challenge: Hashable, Sendable {
    /// The scheme in lower case, such as `bearer`.
    let scheme: String
    /// The parameters, by names in lower case.
    let parameters: [String: String]

    /// Reads the challenges of one header; several may stand in it. What is not one is passed over.
    static func parse(_ header: String) -> [Challenge] {
        var challenges: [Challenge] = []
        var scheme: String?
        var parameters: [String: String] = [:]
        for part in parts(of: header) {
            // `Scheme name=value` starts a challenge, `name=value` goes on with one.
            let words = part.split(separator: " ", maxSplits: 1)
            guard let first = words.first else { continue }
            var pair = part
            if !first.contains("=") {
                if let scheme {
                    challenges.append(Challenge(scheme: scheme, parameters: parameters))
                }
                scheme = first.lowercased()
                parameters = [:]
                guard words.count == 2 else { continue }
                pair = String(words[1])
            }
            guard let equals = pair.firstIndex(of: "=") else { continue }
            let name = pair[..<equals].trimmingSpaces().lowercased()
            parameters[name] = unquote(pair[pair.index(after: equals)...].trimmingSpaces())
        }
        if let scheme { challenges.append(Challenge(scheme: scheme, parameters: parameters)) }
        return challenges
    }

    /// Splits at commas that are not inside quotes.
    private static func parts(of header: String) -> [String] {
        var parts: [String] = [""]
        var isQuoted = false
        var isEscaped = false
        for character in header {
            if character == ",", !isQuoted {
                parts.append("")
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if character == "\\", isQuoted {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            }
            parts[parts.count - 1].append(character)
        }
        return parts.map { $0[...].trimmingSpaces() }
    }

    private static func unquote(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        var value = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                value.append(character)
                isEscaped = false
            }
        }
        return value
    }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    func trimmingSpaces() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = firstIndex { !isSpace($0) } ?? endIndex
        let end = lastIndex { !isSpace($0) }.map { index(after: $0) } ?? start
        return String(self[start..<end])
    }
}
