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
        ])
    func forms(form: String) throws {
        let secrets = try Self.secrets(.header("authorization"), .drop)
        #expect(secrets.hidden(in: "<\(form)> and <\(form)>") == "<redacted> and <redacted>")
        #expect(secrets.hidden(in: Array("nothing of it".utf8)) == nil)
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
            ImportSamples.text(hidden.bytes)
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
            ("request header x-user", true), ("request query token", true), ("request body", false),
        ])
    func inputs(place: String, isIt: Bool) {
        let rules = RedactionRules([
            .init(.pointer(["user", "email"]), .drop, answerDepends: true),
            .init(.header("x-user"), .drop, answerDepends: true),
            .init(.query("Token"), .mask, answerDepends: true),
        ])
        var exchange = RedactionTests.exchange()
        exchange.redacted = [place]
        #expect(exchange.redactedInputs.contains { rules.answersDepend(on: $0) } == isIt)
    }
}
