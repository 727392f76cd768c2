import AssayCore
import Testing

@testable import AssayCapture

/// Text as services exchange it, with and without planted secrets; the same for the same seed.
struct SecretCorpus {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    static let word = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    static let upper = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

    private mutating func random(_ count: Int, _ alphabet: [Character] = word) -> String {
        String(
            (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        )
    }

    private mutating func digits(_ count: Int) -> String { random(count, Array("0123456789")) }
    private mutating func hex(_ count: Int) -> String { random(count, Array("0123456789abcdef")) }

    /// A number of a network with its check digit.
    private mutating func card() -> String {
        let start = ["4", "52", "37", "6011"][Int.random(in: 0..<4, using: &generator)]
        let count = start == "37" ? 15 : 16
        let body = start + digits(count - 1 - start.count)
        for check in 0...9 {
            let number = "\(body)\(check)"
            if SecretScanner.passesLuhn(number.utf8.map { $0 - 0x30 }) { return number }
        }
        return body
    }

    /// A secret of each kind, by its kind.
    mutating func secrets() -> [(kind: String, text: String)] {
        let card = card()
        let grouped =
            card.count == 16
            ? stride(from: 0, to: 16, by: 4).map { String(Array(card)[$0..<$0 + 4]) }.joined(
                separator: " ") : card
        return [
            ("AWS access key", "AKIA" + random(16, Self.upper)),
            ("GitHub token", "ghp_" + random(36)), ("GitLab token", "glpat-" + random(20)),
            ("Slack token", "xoxb-" + digits(12) + "-" + random(24)),
            ("Google API key", "AIza" + random(35)), ("Stripe key", "sk_live_" + random(24)),
            ("Anthropic key", "sk-ant-" + random(40)), ("OpenAI key", "sk-" + random(48)),
            ("Hugging Face token", "hf_" + random(34)), ("npm token", "npm_" + random(36)),
            ("JSON Web Token", "eyJ" + random(33) + ".eyJ" + random(60) + "." + random(43)),
            ("credential", "Basic " + random(22) + "4=="),
            ("credential in a URL", "postgres://app:" + random(12) + "@db.example:5432/x"),
            ("private key", "-----BEGIN RSA PRIVATE KEY-----\\nMII" + random(60)),
            ("secret by its name", "\",\"password\":\"" + random(10)),
            ("e-mail address", random(6).lowercased() + ".x@mail.example.org"),
            ("card number", card), ("card number", grouped),
            ("social security number", "212-4\(digits(1))-1\(digits(3))"),
            ("bank account number", "GB82WEST12345698765432"),
        ]
    }

    /// A document without a secret.
    mutating func plain() -> String {
        let number = Double.random(in: -1000...1000, using: &generator)
        let uuid = "\(hex(8))-\(hex(4))-\(hex(4))-\(hex(4))-\(hex(12))"
        return [
            "{\"id\":\"\(uuid)\",\"score\":\(number),\"at\":17\(digits(17)),\"ok\":true}",
            "{\"commit\":\"\(hex(40))\",\"sha256\":\"\(hex(64))\",\"size\":\(digits(9))}",
            "{\"flight\":\"UA\(digits(4))\",\"carrier\":\"UA\",\"tail\":\"N\(digits(5))\",\"delay\":\(number)}",
            "{\"image\":\"\(random(400))\",\"src\":\"/img/logo@2x.png\",\"etag\":\"W/\\\"\(hex(16))\\\"\"}",
            "{\"embedding\":[\(number),\(-number),0.\(digits(16)),1.\(digits(15))]}",
            "{\"text\":\"task-\(random(5)) risk-averse disk-usage ask-me desk-\(digits(3))\"}",
            "{\"phone\":\"\(digits(3))-\(digits(4))\",\"order\":\"\(digits(10))\",\"ts\":\"2024-03-01T12:00:00Z\"}",
            "{\"password\":null,\"token\":\"redacted\",\"tokens\":\(digits(4)),\"max_tokens\":256}",
            "{\"url\":\"https://svc.example:8443/a?b=\(digits(6))#c\",\"trace\":\"00-\(hex(32))-\(hex(16))-01\"}",
            "{\"ISBN\":\"978-\(digits(10))\",\"vin\":\"1HGCM\(random(12, Self.upper))\"}",
        ][Int.random(in: 0..<10, using: &generator)]
    }
}

@Suite("Scan for secrets")
struct SecretScannerTests {
    @Test("planted secrets are found, each as its kind, and plain documents raise few alarms")
    func corpus() throws {
        var corpus = SecretCorpus(seed: 20)
        var planted = 0
        var found = 0
        var missed: [String: Int] = [:]
        for _ in 0..<250 {
            for (kind, text) in corpus.secrets() {
                let document = "{\"note\":\"\(text)\",\"rest\":\(corpus.plain())}"
                planted += 1
                let kinds = SecretScanner.findings(in: Array(document.utf8)).map(\.kind)
                if kinds.contains(kind) { found += 1 } else { missed[kind, default: 0] += 1 }
            }
        }
        var alarms: [String: Int] = [:]
        var documents = 0
        for _ in 0..<20_000 {
            documents += 1
            let text = Array(corpus.plain().utf8)
            for finding in SecretScanner.findings(in: text) {
                alarms[finding.kind, default: 0] += 1
            }
        }
        let recall = Double(found) / Double(planted)
        let rate = Double(alarms.values.reduce(0, +)) / Double(documents)
        print(
            "scan: recall \(found) of \(planted), false alarms \(alarms) in \(documents) documents")
        #expect(recall >= 0.99, "\(recall), missed \(missed)")
        #expect(rate <= 0.002, "\(rate): \(alarms)")
    }

    @Test("numbers count only with a valid check digit")
    func checkDigits() throws {
        func kinds(_ text: String) -> [String] {
            SecretScanner.findings(in: Array(text.utf8)).map(\.kind)
        }
        #expect(kinds("4111111111111111") == ["card number"])
        #expect(kinds("4111 1111 1111 1111") == ["card number"])
        #expect(kinds("4111111111111112").isEmpty)
        #expect(kinds("0.4111111111111111").isEmpty && kinds("41111111111111110").isEmpty)
        #expect(kinds("GB82 WEST 1234 5698 7654 32") == ["bank account number"])
        #expect(kinds("GB82WEST12345698765433").isEmpty)
    }

    @Test("a report names kind, place and count, and never the secret whole")
    func report() throws {
        var exchange = RedactionTests.exchange()
        var report = SecretReport()
        report.add(exchange, id: "one")
        exchange.rename()
        report.add(exchange, id: "two")
        let row = try #require(report.rows.first { $0.kind == "e-mail address" })
        #expect(row.place == "request body" && row.count == 2 && row.example == "one")
        #expect(!row.excerpt.contains("b.example"))
    }
}
