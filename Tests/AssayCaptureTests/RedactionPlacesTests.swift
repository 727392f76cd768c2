import AssayCore
import Testing

@testable import AssayCapture

/// Places that a redaction could pass over.
@Suite("Places of redaction")
struct RedactionPlacesTests {
    private static func redact(
        request: String, response: String = "", _ rules: [RedactionRules.Rule] = []
    ) throws -> Exchange {
        try RedactionTests.redacted(
            Exchange(
                request: Array(request.utf8), response: Array(response.utf8), startedAt: 1,
                firstByteAfter: 0, endedAfter: 0), rules)
    }

    @Test(
        "empty lines before a request hide nothing",
        arguments: ["\r\n", "\r\n\r\n", "\r\n\r\n\r\n"])
    func emptyLines(lines: String) throws {
        let exchange = try Self.redact(
            request: lines
                + "GET /a:b?password=hunter2&x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer hush\r\n\r\n",
            response: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(
            ImportSamples.text(exchange.request) == lines
                + "GET /a:b?password=redacted&x=1 HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(
            exchange.redacted == ["request header authorization", "request query password"])
    }

    @Test("the method and the target of a request are found behind empty lines")
    func names() {
        let request = Array("\r\n\r\nHEAD /a HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        #expect(ExchangeText.method(of: request) == "HEAD")
        #expect(ImportSamples.text(WARCWriter.target(of: request)) == "http://h/a")
    }

    @Test(
        "a pseudonym stands for a list or an object however short; truth values and null stay",
        arguments: [
            ("[17]", false), ("[]", false), ("{}", false), ("[1,2]", false), ("true", true),
            ("false", true), ("null", true), ("17", false), ("\"a\"", false),
        ])
    func kinds(value: String, stays: Bool) throws {
        let body = "{\"ids\":\(value)}"
        let exchange = try RedactionTests.redacted(
            RedactionTests.exchange(body: body), [.init(.pointer(["ids"]), .pseudonym)])
        let found = ImportSamples.text(
            Array(try HTTPMessage(exchange.request, role: .request).body))
        #expect((found == body) == stays, "\(found)")
        #expect(found.contains("pseudonym-") == (!stays && value != "17"))
    }

    @Test(
        "a session is hidden if a rule takes it, what it lies in, or something in it, as the body has it",
        arguments: [
            ("/user", [(["user", "email"], RedactionRules.Action.drop)], true),
            ("/user", [(["user", "email"], .keep)], false),
            ("/user", [(["user", "*", "a"], .mask)], true),
            ("/user/id", [(["user", "id"], .keep), (["user"], .mask)], true),
            ("/user/id", [(["user"], .keep), (["user", "id"], .mask)], false),
            ("/user/id", [(["user", "id"], .mask), (["user"], .keep)], false),
            ("/user", [(["user", "id"], .keep), (["user", "id"], .drop)], false),
            ("/user", [(["user", "id"], .drop), (["user", "id"], .keep)], true),
            ("/user/id", [(["user", "email"], .drop)], false),
            ("/user/id", [(["*", "id"], .drop)], true),
        ])
    func sessions(
        pointer: String, rules: [([String], RedactionRules.Action)], isHidden: Bool
    ) throws {
        let own = rules.map { RedactionRules.Rule(.pointer($0.0), $0.1) }
        #expect(RedactionRules(own).redacts(.pointer(pointer)) == isHidden)
    }

    @Test("a session does not hold what was dropped inside of it")
    func metadata() throws {
        let found = ExchangeRules(session: .pointer("/user"))
        var exchange = RedactionTests.exchange()
        found.apply(to: &exchange)
        #expect(exchange.session?.contains("a@b.example") == true)
        let redacted = try RedactionTests.redacted(
            exchange, [.init(.pointer(["user", "email"]), .drop)], found: found)
        #expect(redacted.session?.hasPrefix("pseudonym-") == true)
    }

    @Test(
        "addresses in Location and Referer are redacted as queries are, with the user in them",
        arguments: [
            (
                "https://h/cb?code=1&access_token=hush&x=2",
                "https://h/cb?code=1&access_token=redacted&x=2"
            ),
            ("/cb?token=hush", "/cb?token=redacted"),
            (
                "https://h/cb#access_token=hush&state=1",
                "https://h/cb#access_token=redacted&state=1"
            ),
            ("https://h/#/cb?token=hush", "https://h/#/cb?token=redacted"),
            ("https://h/?a=1#token=hush", "https://h/?a=1#token=redacted"),
            ("https://u:hush@h/a?b=1", "https://h/a?b=1"), ("//u:hush@h/", "//h/"),
            ("https://h/@u?b=1", "https://h/@u?b=1"), ("/a:b", "/a:b"),
        ])
    func addresses(value: String, expected: String) throws {
        let exchange = try Self.redact(
            request: "GET / HTTP/1.1\r\nHost: h\r\nReferer: \(value)\r\n\r\n",
            response: "HTTP/1.1 201 Created\r\nLocation: \(value)\r\nContent-Length: 0\r\n\r\n")
        #expect(
            ImportSamples.text(exchange.request)
                == "GET / HTTP/1.1\r\nHost: h\r\nReferer: \(expected)\r\n\r\n")
        #expect(
            ImportSamples.text(exchange.response)
                == "HTTP/1.1 201 Created\r\nLocation: \(expected)\r\nContent-Length: 0\r\n\r\n")
        #expect(exchange.redacted.isEmpty == (value == expected))
        let other = try Self.redact(
            request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            response: "HTTP/1.1 204 None\r\ncontent-location: \(value)\r\n\r\n")
        #expect(
            ImportSamples.text(other.response).lowercased()
                == "http/1.1 204 none\r\ncontent-location: \(expected)\r\n\r\n")
    }

    @Test(
        "a user in a request's target goes as Authorization does",
        arguments: [
            (RedactionRules.Action.drop, "http://h/a"), (.mask, "http://redacted@h/a"),
            (.keep, "http://u:hush@h/a"),
        ])
    func users(action: RedactionRules.Action, target: String) throws {
        let rules = [RedactionRules.Rule(.header("authorization"), action)]
        let exchange = try Self.redact(
            request: "GET http://u:hush@h/a HTTP/1.1\r\nHost: h\r\n\r\n", rules)
        #expect(
            ImportSamples.text(exchange.request) == "GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(exchange.redacted == (action == .keep ? [] : ["request address user"]))
        let again = try RedactionTests.redacted(exchange, rules)
        #expect(again.request == exchange.request)
    }

    @Test("what HAR cannot hold decoded is left out with the reason; what can be decoded is")
    func archives() throws {
        var export = HARExport()
        var report = CaptureExport()
        let encoded = UnreadableBodyTests.exchange(
            Array("hush".utf8), "Content-Encoding: snappy\r\n")
        #expect(try export.text(of: encoded, &report).isEmpty)
        #expect(report.written == 0)
        #expect(report.notes.keys.first?.contains("could not be undone") == true)
        // Brotli of "abc" in one uncompressed block.
        let packed: [UInt8] = [0x0B, 0x01, 0x80, 0x61, 0x62, 0x63, 0x03]
        let known = UnreadableBodyTests.exchange(packed, "Content-Encoding: br\r\n")
        let text = ImportSamples.text(try export.text(of: known, &report))
        #expect(text.contains("\"text\":\"abc\"") && report.written == 1)
    }
}
