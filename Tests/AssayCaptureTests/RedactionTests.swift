import AssayCore
import Testing

@testable import AssayCapture

@Suite("Redaction")
struct RedactionTests {
    static let key = [UInt8](repeating: 7, count: 32)

    static func exchange(
        body: String =
            "{\"user\":{\"email\":\"a@b.example\",\"id\":42},\"items\":[{\"t\":1,\"u\":2},{\"t\":3,\"u\":4}]}",
        target: String = "/score?a=1&api_key=hush&b=2", headers: String = ""
    ) -> Exchange {
        Exchange(
            request: Array(
                ("POST \(target) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hush\r\nX-User: u1\r\n\(headers)"
                    + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                    .utf8),
            response: Array(
                "HTTP/1.1 200 OK\r\nSet-Cookie: s=hush\r\nContent-Length: 2\r\n\r\n{}".utf8),
            startedAt: 1, firstByteAfter: 1, endedAfter: 2)
    }

    static func redacted(
        _ exchange: Exchange = exchange(), _ rules: [RedactionRules.Rule] = [],
        found: ExchangeRules? = nil
    ) throws -> Exchange {
        var exchange = exchange
        _ = try Redactor(RedactionRules(rules), key: key).apply(to: &exchange, found: found)
        return exchange
    }

    @Test(
        "credentials are dropped by default, the rest stays byte for byte, and the id is that of what is left"
    )
    func defaults() throws {
        let exchange = try Self.redacted()
        let request = ImportSamples.text(exchange.request)
        #expect(
            request.hasPrefix(
                "POST /score?a=1&api_key=redacted&b=2 HTTP/1.1\r\nHost: x\r\nX-User: u1\r\n"))
        #expect(!request.contains("hush") && request.contains("\"email\":\"a@b.example\""))
        #expect(
            ImportSamples.text(exchange.response)
                == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        #expect(
            exchange.redacted == [
                "request header authorization", "request query api_key",
                "response header set-cookie",
            ])
        #expect(
            exchange.id
                == Exchange.deriveID(
                    request: exchange.request, response: exchange.response, startedAt: 1))
    }

    @Test("a trailer is taken from each call of one dependency")
    func trailersOfCalls() throws {
        var exchange = Self.exchange()
        let answer = Array(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nSet-Cookie: s=hush\r\n\r\n"
                .utf8)
        exchange.egress = (1...3).map { number in
            EgressCall(
                name: "rates",
                request: Array("GET /\(number) HTTP/1.1\r\nHost: rates\r\n\r\n".utf8),
                response: answer, startedAfter: 0, endedAfter: 1)
        }
        for call in try Self.redacted(exchange).egress {
            let text = ImportSamples.text(call.response)
            #expect(!text.contains("hush") && text.hasSuffix("\r\n\r\nok"), "\(text)")
        }
    }

    @Test("an exchange that no rule names stays as it was, id and all")
    func untouched() throws {
        let plain = Exchange(
            request: Array("GET /a?b=1 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n".utf8),
            response: Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8), startedAt: 1,
            firstByteAfter: 1, endedAfter: 2)
        #expect(try Self.redacted(plain) == plain)
    }

    @Test(
        "pseudonyms are equal for equal values and another key gives others, and numbers stay numbers"
    )
    func pseudonyms() throws {
        let rules: [RedactionRules.Rule] = [
            .init(.header("x-user"), .pseudonym), .init(.pointer(["user", "id"]), .pseudonym),
        ]
        let one = try Self.redacted(Self.exchange(), rules)
        let two = try Self.redacted(Self.exchange(target: "/other"), rules)
        func user(_ exchange: Exchange) throws -> String? {
            try HTTPMessage(exchange.request, role: .request).head["x-user"]
        }
        #expect(try user(one) == user(two) && user(one)?.hasPrefix("pseudonym-") == true)
        var other = Self.exchange()
        _ = try Redactor(RedactionRules(rules), key: [UInt8](repeating: 8, count: 32))
            .apply(to: &other)
        #expect(try user(other) != user(one))
        let body = try HTTPMessage(one.request, role: .request).body
        let value = try JSONParser.parse(Array(body), file: "body")
        guard case .object(let root) = value, case .object(let inner)? = root["user"],
            case .integer(let number)? = inner["id"]
        else { return #expect(Bool(false), "the body is no object with a number: \(value)") }
        #expect(number != 42)
    }

    @Test(
        "places of a body are dropped with their commas, masked and matched by a star",
        arguments: [
            (
                ["user", "email"], RedactionRules.Action.drop,
                "{\"user\":{\"id\":42},\"items\":[{\"t\":1,\"u\":2},{\"t\":3,\"u\":4}]}"
            ),
            (
                ["user", "*"], .drop,
                "{\"user\":{},\"items\":[{\"t\":1,\"u\":2},{\"t\":3,\"u\":4}]}"
            ),
            (["user"], .drop, "{\"items\":[{\"t\":1,\"u\":2},{\"t\":3,\"u\":4}]}"),
            (["items"], .drop, "{\"user\":{\"email\":\"a@b.example\",\"id\":42}}"),
            (
                ["items", "0"], .drop,
                "{\"user\":{\"email\":\"a@b.example\",\"id\":42},\"items\":[{\"t\":3,\"u\":4}]}"
            ),
            (
                ["items", "*", "u"], .mask,
                "{\"user\":{\"email\":\"a@b.example\",\"id\":42},\"items\":[{\"t\":1,\"u\":\"redacted\"},{\"t\":3,\"u\":\"redacted\"}]}"
            ),
            (
                ["none"], .drop,
                "{\"user\":{\"email\":\"a@b.example\",\"id\":42},\"items\":[{\"t\":1,\"u\":2},{\"t\":3,\"u\":4}]}"
            ),
        ])
    func places(tokens: [String], action: RedactionRules.Action, expected: String) throws {
        let exchange = try Self.redacted(Self.exchange(), [.init(.pointer(tokens), action)])
        let message = try HTTPMessage(exchange.request, role: .request)
        #expect(ImportSamples.text(Array(message.body)) == expected)
    }

    @Test("a packed and chunked body is redacted too, and written plain")
    func packed() throws {
        let packed = try Gzip.member(Array("{\"secret\":\"hush\",\"b\":1}".utf8))
        let size = String(packed.count, radix: 16)
        let request =
            Array(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\n"
                    .utf8) + packed + Array("\r\n0\r\n\r\n".utf8)
        let exchange = try Self.redacted(
            Exchange(
                request: request, response: [], startedAt: 1, firstByteAfter: 0, endedAfter: 0),
            [.init(.pointer(["secret"]), .drop)])
        #expect(
            ImportSamples.text(exchange.request)
                == "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{\"b\":1}")
    }

    @Test("forms are redacted by name, and a rule may keep what a default would take")
    func forms() throws {
        let form = "user=u&password=hush&c=3"
        let exchange = Exchange(
            request: Array(
                ("POST /?token=t HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)")
                    .utf8),
            response: [], startedAt: 1, firstByteAfter: 0, endedAfter: 0)
        let found = try Self.redacted(
            exchange, [.init(.header("cookie"), .keep), .init(.query("token"), .keep)])
        #expect(
            ImportSamples.text(found.request)
                == "POST /?token=t HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 28\r\n\r\n"
                + "user=u&password=redacted&c=3")
    }

    @Test(
        "a session that was found in a redacted place becomes a pseudonym, and sessions still join")
    func sessions() throws {
        let rules = ExchangeRules(session: .cookie("sid"), key: .header("x-user"))
        func prepared(_ target: String) throws -> Exchange {
            var exchange = Self.exchange(target: target, headers: "Cookie: sid=hush\r\n")
            rules.apply(to: &exchange)
            #expect(exchange.session == "hush")
            return try Self.redacted(exchange, found: rules)
        }
        let one = try prepared("/a")
        #expect(try one.session == prepared("/b").session)
        #expect(one.session?.hasPrefix("pseudonym-") == true && one.key == "u1")
    }

    @Test("redacting twice is redacting once")
    func twice() throws {
        let rules: [RedactionRules.Rule] = [
            .init(.header("x-user"), .mask), .init(.pointer(["items", "*", "t"]), .drop),
        ]
        let once = try Self.redacted(Self.exchange(), rules)
        #expect(try Self.redacted(once, rules) == once)
    }

    @Test("what was redacted stays known through a journal")
    func metadata() throws {
        let exchange = try Self.redacted()
        var writer = WARCWriter()
        ExchangeEncoder.append(exchange, to: &writer)
        var decoder = ExchangeDecoder(writer.bytes)
        #expect(try decoder.next()?.redacted == exchange.redacted)
    }
}
