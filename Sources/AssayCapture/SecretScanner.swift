/// Finds secrets and personal data in text by their forms; pure, one pass for each kind's first bytes.
///
/// Forms are those that the issuers document; numbers count only with a valid check digit (Luhn,
/// ISO/IEC 7812; MOD 97-10, ISO 13616), so that other numbers of that length are left alone.
struct SecretScanner {
    /// What was found.
    struct Finding: Hashable {
        let kind: String
        let range: Range<Int>
    }

    private let bytes: [UInt8]
    private var findings: [Finding] = []

    /// All that is found in bytes, in their order; what lies inside another finding is left out.
    static func findings(in bytes: [UInt8]) -> [Finding] {
        var scanner = SecretScanner(bytes: bytes)
        scanner.scan()
        return scanner.findings
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A token that begins with a known text and goes on in known characters.
    private struct Form {
        let kind: String
        let prefix: [UInt8]
        let length: ClosedRange<Int>
        let alphabet: Alphabet

        init(_ kind: String, _ prefix: String, _ length: ClosedRange<Int>, _ alphabet: Alphabet) {
            self.kind = kind
            self.prefix = Array(prefix.utf8)
            self.length = length
            self.alphabet = alphabet
        }
    }

    private enum Alphabet {
        case upper, word, token

        func holds(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A: true
            case 0x61...0x7A: self != .upper
            case UInt8(ascii: "_"), UInt8(ascii: "-"): self == .token
            default: false
            }
        }
    }

    private static let forms = [
        Form("AWS access key", "AKIA", 16...16, .upper),
        Form("AWS access key", "ASIA", 16...16, .upper),
        Form("GitHub token", "ghp_", 36...251, .word),
        Form("GitHub token", "gho_", 36...251, .word),
        Form("GitHub token", "ghu_", 36...251, .word),
        Form("GitHub token", "ghs_", 36...251, .word),
        Form("GitHub token", "ghr_", 36...251, .word),
        Form("GitHub token", "github_pat_", 50...250, .token),
        Form("GitLab token", "glpat-", 20...64, .token),
        Form("Slack token", "xoxb-", 20...250, .token),
        Form("Slack token", "xoxp-", 20...250, .token),
        Form("Slack token", "xoxa-", 20...250, .token),
        Form("Slack token", "xoxs-", 20...250, .token),
        Form("Google API key", "AIza", 35...35, .token),
        Form("Google OAuth token", "ya29.", 20...500, .token),
        Form("Stripe key", "sk_live_", 16...250, .word),
        Form("Stripe key", "rk_live_", 16...250, .word),
        Form("Stripe key", "sk_test_", 16...250, .word),
        Form("Anthropic key", "sk-ant-", 24...250, .token),
        Form("OpenAI key", "sk-proj-", 24...250, .token),
        Form("OpenAI key", "sk-", 32...250, .word),
        Form("npm token", "npm_", 36...36, .word),
        Form("PyPI token", "pypi-", 50...250, .token),
        Form("Hugging Face token", "hf_", 30...64, .word),
        Form("SendGrid key", "SG.", 40...100, .token),
        Form("DigitalOcean token", "dop_v1_", 64...64, .word),
    ]

    /// The forms by their first byte.
    private static let byFirst: [[Form]] = {
        var table = [[Form]](repeating: [], count: 256)
        for form in forms { table[Int(form.prefix[0])].append(form) }
        return table
    }()

    /// Names whose values are secrets, as they stand before `=` or `:`.
    private static let secretNames: Set<String> = [
        "password", "passwd", "pwd", "secret", "client_secret", "clientsecret", "api_key", "apikey",
        "api-key", "access_token", "accesstoken", "refresh_token", "refreshtoken", "auth_token",
        "authtoken", "private_key", "privatekey", "session_token", "sessiontoken", "id_token",
        "secret_key", "secretkey", "secret_access_key", "aws_secret_access_key",
    ]

    private mutating func scan() {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let end = found(at: index, byte)
            index = max(end ?? 0, index + 1)
        }
    }

    /// What begins at a place; gives where it ends.
    private mutating func found(at start: Int, _ byte: UInt8) -> Int? {
        let startsWord = start == 0 || !Alphabet.token.holds(bytes[start - 1])
        if startsWord, let end = token(at: start, byte) { return end }
        switch byte {
        case UInt8(ascii: "e") where startsWord: return webToken(at: start)
        case UInt8(ascii: "-"): return privateKey(at: start)
        case UInt8(ascii: "@"): return email(around: start)
        case UInt8(ascii: ":"): return credentials(at: start) ?? namedSecret(at: start)
        case UInt8(ascii: "="): return namedSecret(at: start)
        case 0x30...0x39 where startsNumber(start):
            return cardNumber(at: start) ?? socialNumber(at: start)
        case 0x41...0x5A where startsWord: return accountNumber(at: start)
        case UInt8(ascii: "B"), UInt8(ascii: "b"): return startsWord ? bearer(at: start) : nil
        default: return nil
        }
    }

    private mutating func add(_ kind: String, _ range: Range<Int>) -> Int {
        findings.append(Finding(kind: kind, range: range))
        return range.upperBound
    }

    private mutating func token(at start: Int, _ byte: UInt8) -> Int? {
        for form in Self.byFirst[Int(byte)] where holds(form.prefix, at: start) {
            let first = start + form.prefix.count
            var end = first
            while end < bytes.count, form.alphabet.holds(bytes[end]) { end += 1 }
            // A token of an issuer is random, so that one character does not make up most of it.
            guard form.length.contains(end - first), variety(first..<end) >= 8 else { continue }
            return add(form.kind, start..<end)
        }
        if byte == UInt8(ascii: "B") || byte == UInt8(ascii: "b") { return bearer(at: start) }
        return nil
    }

    /// How many different bytes a range holds.
    private func variety(_ range: Range<Int>) -> Int { Set(bytes[range]).count }

    private func holds(_ text: [UInt8], at start: Int) -> Bool {
        guard bytes.count - start >= text.count else { return false }
        for index in text.indices where bytes[start + index] != text[index] { return false }
        return true
    }

    private func holds(_ text: String, at start: Int) -> Bool { holds(Array(text.utf8), at: start) }

    /// `Bearer` and `Basic` credentials.
    private mutating func bearer(at start: Int) -> Int? {
        for word in ["Bearer ", "bearer ", "Basic ", "basic "] where holds(word, at: start) {
            let first = start + word.utf8.count
            var end = first
            while end < bytes.count, isCredential(bytes[end]) { end += 1 }
            guard end - first >= 16, variety(first..<end) >= 8,
                bytes[first..<end].contains(where: { (0x30...0x39).contains($0) || $0 == 0x3D })
            else { return nil }
            return add("credential", start..<end)
        }
        return nil
    }

    private func isCredential(_ byte: UInt8) -> Bool {
        Alphabet.token.holds(byte) || ".~+/=".utf8.contains(byte)
    }

    /// A JSON Web Token: three parts of base64, of which the first begins with `{"`.
    private mutating func webToken(at start: Int) -> Int? {
        guard holds("eyJ", at: start) else { return nil }
        var end = start
        var parts = [0]
        while end < bytes.count {
            if bytes[end] == UInt8(ascii: ".") {
                parts.append(0)
            } else if Alphabet.token.holds(bytes[end]) {
                parts[parts.count - 1] += 1
            } else {
                break
            }
            end += 1
        }
        guard parts.count == 3, parts[0] >= 10, parts[1] >= 10, parts[2] >= 16 else { return nil }
        return add("JSON Web Token", start..<end)
    }

    private mutating func privateKey(at start: Int) -> Int? {
        guard holds("-----BEGIN ", at: start) else { return nil }
        let line = bytes[start...].prefix(64)
        guard let place = ByteSearch.first(Array("PRIVATE KEY-----".utf8), in: Array(line), from: 0)
        else { return nil }
        return add("private key", start..<(start + place + 16))
    }

    private mutating func email(around at: Int) -> Int? {
        var first = at
        while first > 0, isMailbox(bytes[first - 1]), at - first < 64 { first -= 1 }
        var end = at + 1
        while end < bytes.count, isHost(bytes[end]) { end += 1 }
        while end > at + 1, bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
        let host = bytes[(at + 1)..<end].split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard at - first >= 1, host.count >= 2, host.allSatisfy({ !$0.isEmpty }),
            let last = host.last, (2...24).contains(last.count),
            last.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }),
            bytes[first] != UInt8(ascii: ".")
        else { return nil }
        // A name of a picture at a scale, as logo@2x.png, is no address.
        let image = String(decoding: last, as: UTF8.self).lowercased()
        guard !["png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css"].contains(image) else {
            return nil
        }
        return add("e-mail address", first..<end)
    }

    private func isMailbox(_ byte: UInt8) -> Bool {
        Alphabet.token.holds(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
    }

    private func isHost(_ byte: UInt8) -> Bool {
        (Alphabet.token.holds(byte) && byte != UInt8(ascii: "_")) || byte == UInt8(ascii: ".")
    }

    /// A user and password inside a URL.
    private mutating func credentials(at colon: Int) -> Int? {
        guard holds("://", at: colon) else { return nil }
        var end = colon + 3
        var mark: Int?
        while end < bytes.count, bytes[end] > 0x20, bytes[end] < 0x7F,
            !"/?#\"'<>\\@".utf8.contains(bytes[end])
        {
            if bytes[end] == UInt8(ascii: ":"), mark == nil { mark = end }
            end += 1
        }
        guard let mark, end < bytes.count, bytes[end] == UInt8(ascii: "@"), end - mark > 1 else {
            return nil
        }
        return add("credential in a URL", (colon + 3)..<end)
    }

    /// A value whose name says that it is a secret: `"password": "…"`, `password=…`.
    private mutating func namedSecret(at mark: Int) -> Int? {
        var end = mark
        while end > 0, bytes[end - 1] == 0x20 { end -= 1 }
        let isQuoted = end > 0 && bytes[end - 1] == UInt8(ascii: "\"")
        if isQuoted { end -= 1 }
        var first = end
        while first > 0, Alphabet.token.holds(bytes[first - 1]), end - first < 40 { first -= 1 }
        guard end - first >= 3,
            Self.secretNames.contains(
                String(decoding: bytes[first..<end], as: UTF8.self).lowercased())
        else { return nil }
        var start = mark + 1
        while start < bytes.count, bytes[start] == 0x20 { start += 1 }
        let hasQuote = start < bytes.count && bytes[start] == UInt8(ascii: "\"")
        // After a colon a value stands in quotes; a header's does not, and rules cover headers.
        guard hasQuote || bytes[mark] == UInt8(ascii: "=") else { return nil }
        if hasQuote { start += 1 }
        var last = start
        while last < bytes.count, bytes[last] > 0x20, bytes[last] != UInt8(ascii: "\""),
            hasQuote || (bytes[last] != UInt8(ascii: "&") && bytes[last] != UInt8(ascii: ";"))
        {
            last += 1
        }
        let value = String(decoding: bytes[start..<last], as: UTF8.self)
        guard value.utf8.count >= 4, value != Redactor.mask, !Redactor.isPseudonym(value.utf8),
            Set(value.utf8).count > 2,
            !["null", "none", "true", "false"].contains(value.lowercased())
        else { return nil }
        return add("secret by its name", start..<last)
    }

    private func startsNumber(_ start: Int) -> Bool {
        guard start > 0 else { return true }
        let before = bytes[start - 1]
        return !Alphabet.token.holds(before) && before != UInt8(ascii: ".")
    }

    /// The digits at a place, which single separators may part.
    private func digits(
        at start: Int, limit: Int, separators: [UInt8]
    ) -> (digits: [UInt8], groups: [Int], end: Int) {
        var digits: [UInt8] = []
        var groups = [0]
        var end = start
        var index = start
        while index < bytes.count, digits.count <= limit {
            let byte = bytes[index]
            if (0x30...0x39).contains(byte) {
                digits.append(byte - 0x30)
                groups[groups.count - 1] += 1
                end = index + 1
            } else if separators.contains(byte), index + 1 < bytes.count,
                (0x30...0x39).contains(bytes[index + 1])
            {
                groups.append(0)
            } else {
                break
            }
            index += 1
        }
        return (digits, groups, end)
    }

    private mutating func cardNumber(at start: Int) -> Int? {
        let (digits, groups, end) = digits(at: start, limit: 19, separators: [0x20, 0x2D])
        guard (13...19).contains(digits.count), endsNumber(end), Self.isCard(digits),
            Self.passesLuhn(digits),
            groups.count == 1 || groups == [4, 4, 4, 4] || groups == [4, 6, 5]
        else { return nil }
        return add("card number", start..<end)
    }

    /// Whether a number ends here, and is no part of a fraction, a word or a longer one.
    private func endsNumber(_ end: Int) -> Bool {
        guard end < bytes.count else { return true }
        if Alphabet.token.holds(bytes[end]) { return false }
        let isPoint = bytes[end] == UInt8(ascii: ".")
        return !(isPoint && end + 1 < bytes.count && (0x30...0x39).contains(bytes[end + 1]))
    }

    /// Whether the first digits and the count are those of a network of cards.
    static func isCard(_ digits: [UInt8]) -> Bool {
        let four = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
        switch digits.count {
        case 13: return digits[0] == 4
        case 14: return (3000...3059).contains(four) || four / 100 == 36 || four / 100 == 38
        case 15: return four / 100 == 34 || four / 100 == 37
        case 16:
            return digits[0] == 4 || (5100...5599).contains(four) || (2221...2720).contains(four)
                || four == 6011 || four / 100 == 65 || (3528...3589).contains(four)
        case 19: return digits[0] == 4 || four / 100 == 62
        default: return false
        }
    }

    /// Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).
    static func passesLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let doubled = index.isMultiple(of: 2) ? Int(digit) : 2 * Int(digit)
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum.isMultiple(of: 10)
    }

    /// A social security number of the United States, with its hyphens.
    private mutating func socialNumber(at start: Int) -> Int? {
        let (digits, groups, end) = digits(at: start, limit: 9, separators: [0x2D])
        guard digits.count == 9, groups == [3, 2, 4], endsNumber(end) else { return nil }
        let area = digits.prefix(3).reduce(0) { $0 * 10 + Int($1) }
        guard area != 0, area != 666, area < 900, digits[3...4] != [0, 0],
            digits[5...] != [0, 0, 0, 0]
        else { return nil }
        return add("social security number", start..<end)
    }

    /// An international bank account number with its check digits.
    private mutating func accountNumber(at start: Int) -> Int? {
        var text: [UInt8] = []
        var index = start
        var end = start
        while index < bytes.count, text.count <= 34 {
            if Alphabet.upper.holds(bytes[index]) {
                text.append(bytes[index])
                end = index + 1
            } else if bytes[index] != 0x20 || text.count < 4 || !text.count.isMultiple(of: 4) {
                break
            }
            index += 1
        }
        guard (15...34).contains(text.count), endsNumber(end),
            text[0..<2].allSatisfy({ (0x41...0x5A).contains($0) }),
            text[2..<4].allSatisfy({ (0x30...0x39).contains($0) }),
            text.dropFirst(4).filter({ (0x30...0x39).contains($0) }).count >= 8
        else { return nil }
        var rest = 0
        for byte in text[4...] + text[..<4] {
            let value = byte <= 0x39 ? Int(byte - 0x30) : Int(byte - 0x41) + 10
            rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97
        }
        return rest == 1 ? add("bank account number", start..<end) : nil
    }
}
