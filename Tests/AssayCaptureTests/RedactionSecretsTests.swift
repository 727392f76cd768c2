import AssayCore
import Testing

@testable import AssayCapture

@Suite("what a replay puts back into requests")
struct RedactionSecretsTests {
    private static let value = "Bearer a/b\"c0123456789"

    private static func secrets(
        _ place: RedactionRules.Place, _ action: RedactionRules.Action
    ) throws -> RedactionSecrets {
        try RedactionSecrets(
            RedactionRules([.init(place, action, secret: "TOKEN")]), environment: ["TOKEN": value])
    }

    @Test("a header that was dropped or masked is there again, and only where it was taken")
    func header() throws {
        for action in [RedactionRules.Action.drop, .mask, .pseudonym] {
            let rules = [RedactionRules.Rule(.header("authorization"), action)]
            let exchange = try RedactionTests.redacted(RedactionTests.exchange(), rules)
            let secrets = try Self.secrets(.header("authorization"), action)
            let request = try #require(try secrets.request(of: exchange))
            let message = try HTTPMessage(request, role: .request)
            #expect(message.head.values(of: "authorization") == [Self.value])
            let original = try HTTPMessage(exchange.request, role: .request)
            #expect(message.body == original.body)
            var other = exchange
            other.redacted = ["response header authorization"]
            #expect(try secrets.request(of: other) == nil)
        }
    }

    @Test("a masked pair of the query has the value again, percent-encoded")
    func query() throws {
        let secrets = try Self.secrets(.query("API_KEY"), .mask)
        let request = try #require(try secrets.request(of: RedactionTests.redacted()))
        let target = try HTTPMessage(request, role: .request).head.target
        #expect(target == "/score?a=1&api_key=Bearer%20a%2Fb%22c0123456789&b=2")
    }

    @Test(
        "a value is hidden in any form that answers give it",
        arguments: [
            "Bearer a/b\"c0123456789", "a/b\"c0123456789", #"a/b\"c0123456789"#,
            #"Bearer a\/b\"c0123456789"#, "Bearer%20a%2Fb%22c0123456789", "a%2Fb%22c0123456789",
            "Bearer%20a/b%22c0123456789", "Bearer+a%2fb%22c0123456789",
            #"Bearer a\u002fb\u0022c0123456789"#, #"a\u002Fb\"c0123456789"#,
            "Bearer a/b&quot;c0123456789", "Bearer a&#x2F;b&#34;c0123456789",
            "a&sol;b&#034;c0123456789",
            "%61/b\"c0123456789",
        ])
    func forms(form: String) throws {
        let secrets = try Self.secrets(.header("authorization"), .drop)
        #expect(secrets.hidden(in: "<\(form)> and <\(form)>") == "<redacted> and <redacted>")
        #expect(secrets.hidden(in: Array("nothing of it".utf8)) == nil)
    }

    @Test("what is only like a value stays, and backslashes count as one or as half of one")
    func likeness() throws {
        let secrets = try Self.secrets(.header("authorization"), .drop)
        let others = [
            "a/b\"c012345678", #"a\b\"c0123456789"#, "a%3Fb%22c0123456789", "a&amp;b\"c0123456789",
            "a%2", #"a\u00"#, "a&#", "a&#x", "a&#47", "a/b&quot", "%", "\\", "&",
        ]
        for other in others { #expect(secrets.hidden(in: other) == other) }
        let slashed = try RedactionSecrets(
            RedactionRules([.init(.header("x-k"), .drop, secret: "K")]),
            environment: ["K": #"a\\b\1234"#])
        for form in [#"a\\b\1234"#, #"a\\\\b\\1234"#, #"a\\\b\1234"#, #"a%5c\b\u005C1234"#] {
            #expect(slashed.hidden(in: "<\(form)>") == "<redacted>")
        }
        #expect(slashed.hidden(in: String(repeating: "a\\", count: 500)).count == 1000)
    }

    @Test("a body whose encoding cannot be undone may hold a value, and is dropped")
    func encoded() throws {
        let secrets = try Self.secrets(.header("authorization"), .drop)
        let message = try HTTPMessage(
            Array("HTTP/1.1 200 OK\r\nContent-Encoding: x\r\nContent-Length: 2\r\n\r\n{}".utf8),
            role: .response(toMethod: "GET"))
        let hidden = try #require(try secrets.hidden(in: message, toMethod: "GET"))
        #expect(hidden.isBodyDropped)
        #expect(
            ImportSamples.text(hidden.message.bytes)
                == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(try RedactionSecrets.none.hidden(in: message, toMethod: "GET") == nil)
    }

    @Test("a value is hidden in heads, chunks and trailers of answers, which stay whole")
    func responses() throws {
        let secrets = try Self.secrets(.header("authorization"), .drop)
        let chunks =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: a/b\"c0123456789\r\n\r\n"
            + "8\r\n<a/b\"c01\r\n9\r\n23456789>\r\n0\r\nX-B: a/b\"c0123456789\r\n\r\n"
        let message = try HTTPMessage(
            Array(chunks.utf8), role: .response(toMethod: "GET"))
        let hidden = try #require(try secrets.hidden(in: message, toMethod: "GET"))
        #expect(
            ImportSamples.text(hidden.message.bytes)
                == "HTTP/1.1 200 OK\r\nX-A: redacted\r\nContent-Length: 10\r\n\r\n<redacted>")
        let plain = try HTTPMessage(
            Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".utf8),
            role: .response(toMethod: "GET"))
        #expect(try secrets.hidden(in: plain, toMethod: "GET") == nil)
    }

    @Test("what is redacted again keeps its pseudonyms")
    func again() throws {
        let rules: [RedactionRules.Rule] = [
            .init(.header("x-user"), .pseudonym), .init(.query("a"), .pseudonym),
            .init(.pointer(["user", "email"]), .pseudonym),
            .init(.pointer(["items", "*", "t"]), .pseudonym),
        ]
        let once = try RedactionTests.redacted(RedactionTests.exchange(), rules)
        #expect(try RedactionTests.redacted(once, rules) == once)
        // A rule that takes more does so.
        let more = try RedactionTests.redacted(
            once, [.init(.pointer(["user", "email"]), .drop)] + rules)
        #expect(!ImportSamples.text(more.request).contains("email"))
        // A pseudonym is known by its form, whatever rule made it.
        let other = try RedactionTests.redacted(
            once,
            [
                .init(.pointer(["user", "email"]), .keep),
                .init(.pointer(["user", "*"]), .pseudonym),
            ])
        func email(_ exchange: Exchange) -> Substring? {
            let text = ImportSamples.text(exchange.request)
            return text.firstRange(of: "\"email\":\"").map { text[$0.upperBound...].prefix(34) }
        }
        let renamed = try RedactionTests.redacted(
            once, [.init(.pointer(["user", "*"]), .pseudonym)])
        #expect(email(once)?.hasPrefix("pseudonym-") == true)
        #expect(email(renamed) == email(once) && email(other) == email(once))
    }

    @Test("a place that was redacted is so again where its value is plain")
    func plain() throws {
        var exchange = RedactionTests.exchange()
        exchange.redacted = [
            "request header x-user", "request query a", "request body /user/email", "request body",
        ]
        let found = try RedactionTests.redacted(
            exchange,
            [
                .init(.header("x-user"), .pseudonym), .init(.query("a"), .pseudonym),
                .init(.pointer(["user", "email"]), .pseudonym),
            ])
        let text = ImportSamples.text(found.request)
        #expect(!text.contains("a@b.example") && !text.contains("u1") && !text.contains("?a=1&"))
    }

    @Test(
        "answers depend on a place, on what is in it, and on what holds it",
        arguments: [
            ("request body /user/email", true), ("request body /user", true),
            ("request body /user/email/host", true), ("request body /user/name", false),
            ("request body /items/*/email", false),
            ("egress features response body /user/email", true),
            ("egress features request body /user/email", false),
            ("response body /user/email", false),
            ("request header x-user", true), ("request query token", true),
            ("request form token", true), ("request address token", true),
            ("request form other", false),
            ("request body", true), ("request body /user/*", false), ("request body /*", false),
            ("request body /hosts/a/name", true), ("request header host", false),
        ])
    func inputs(place: String, isIt: Bool) {
        let rules = RedactionRules([
            .init(.pointer(["user", "email"]), .drop, answerDepends: true),
            .init(.pointer(["hosts", "*", "name"]), .drop, answerDepends: true),
            .init(.header("x-user"), .drop, answerDepends: true),
            .init(.query("Token"), .mask, answerDepends: true),
        ])
        var exchange = RedactionTests.exchange()
        exchange.redacted = [place]
        #expect(exchange.redactedInputs.contains { rules.answersDepend(on: $0) } == isIt)
    }

    @Test("a value is put back into the target, and neither into forms nor other addresses")
    func putBack() throws {
        let rules = RedactionRules([.init(.query("Token"), .mask, secret: "TOKEN")])
        let form = "token=hush-hush"
        let text =
            "POST /a?token=hush-hush HTTP/1.1\r\nHost: h\r\nReferer: http://h/?token=hush-hush\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\n"
            + "Content-Length: \(form.utf8.count)\r\n\r\n\(form)"
        var exchange = RedactionTests.exchange()
        exchange.request = Array(text.utf8)
        let found = try RedactionTests.redacted(exchange, rules.rules)
        #expect(
            found.redacted.filter { $0.hasPrefix("request ") } == [
                "request address token", "request form token", "request query token",
            ])
        for (input, isPutBack) in zip(found.redactedInputs, [false, false, true]) {
            #expect(rules.putsBack(input) == isPutBack, "\(input)")
            #expect(rules.rule(for: input) != nil, "\(input)")
        }
        let secrets = try RedactionSecrets(rules, environment: ["TOKEN": "hush-hush"])
        let request = ImportSamples.text(try #require(try secrets.request(of: found)))
        #expect(request.contains("/a?token=hush-hush HTTP") && request.contains("?token=redacted"))
        #expect(request.hasSuffix("\r\n\r\ntoken=redacted"))
    }
}
