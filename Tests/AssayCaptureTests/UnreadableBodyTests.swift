import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

/// Bodies that rules should cover, and that cannot be read: nothing of them is kept by silence.
@Suite("Bodies that cannot be redacted place by place")
struct UnreadableBodyTests {
    static let rule = RedactionRules.Rule(.pointer(["secret"]), .drop)

    static func exchange(_ body: [UInt8], _ fields: String) -> Exchange {
        Exchange(
            request: Array(
                "POST / HTTP/1.1\r\nHost: x\r\n\(fields)Content-Length: \(body.count)\r\n\r\n".utf8)
                + body,
            response: [], startedAt: 1, firstByteAfter: 0, endedAfter: 0)
    }

    static func redact(
        _ exchange: Exchange, _ rules: [RedactionRules.Rule] = [rule]
    ) throws -> (text: String, redacted: [String], notes: [String]) {
        var exchange = exchange
        let redactor = Redactor(RedactionRules(rules), key: RedactionTests.key)
        let notes = try redactor.apply(to: &exchange)
        return (ImportSamples.text(exchange.request), exchange.redacted, notes)
    }

    static let deep =
        String(repeating: "[", count: 2000) + "\"hush\"" + String(repeating: "]", count: 2000)

    @Test(
        "a body that a rule may name a place in and that cannot be read is dropped and noted",
        arguments: [
            ("cut short", "{\"secret\":\"hush\"", "Content-Type: application/json\r\n"),
            ("no JSON at all", "secret=hush", "Content-Type: application/vnd.x+json\r\n"),
            ("too deep", deep, "Content-Type: application/json\r\n"),
            (
                "a name twice", "{\"secret\":1,\"secret\":\"hush\"}",
                "Content-Type: application/json\r\n"
            ),
            ("undeclared", "{\"secret\":\"hush\"", ""),
            (
                "another encoding", "hush",
                "Content-Type: application/json\r\nContent-Encoding: snappy\r\n"
            ),
            ("damaged gzip", "hush", "Content-Encoding: gzip\r\n"),
            ("plain text that begins as JSON", "[hush", "Content-Type: text/plain\r\n"),
            (
                "half a line", "{\"secret\":1}\n{\"secret\":\"hush",
                "Content-Type: application/x-ndjson\r\n"
            ),
            ("half an event", "data: {\"secret\":\n", "Content-Type: text/event-stream\r\n"),
            (
                "an event in two lines", "data: {\"secret\":\ndata: \"hush\"}\n\n",
                "Content-Type: text/event-stream\r\n"
            ),
            (
                "events with carriage returns alone", "event: a\rdata: {\"secret\":\"hush\"}\r\r",
                "Content-Type: text/event-stream\r\n"
            ),
        ])
    func unreadable(name: String, body: String, fields: String) throws {
        let found = try Self.redact(Self.exchange(Array(body.utf8), fields))
        #expect(!found.text.contains("hush") && found.text.contains("Content-Length: 0\r\n"))
        #expect(!found.text.contains("Content-Encoding"))
        #expect(found.redacted == ["request body"])
        #expect(found.notes.count == 1 && found.notes[0].hasSuffix("it was dropped"))
    }

    @Test(
        "a rule says what becomes of such bodies",
        arguments: [
            (RedactionRules.Action.keep, "{\"secret\":\"hush\"", "kept as it is"),
            (.mask, "\r\n\r\nredacted", "replaced"), (.pseudonym, "\r\n\r\npseudonym-", "replaced"),
            (.drop, "Content-Length: 0", "dropped"),
        ])
    func told(action: RedactionRules.Action, body: String, note: String) throws {
        let exchange = Self.exchange(Array("{\"secret\":\"hush\"".utf8), "")
        let found = try Self.redact(exchange, [Self.rule, .init(.unreadableBody, action)])
        #expect(found.text.contains(body))
        #expect(found.notes.count == 1 && found.notes[0].hasSuffix(note))
    }

    @Test(
        "a body that is declared or seen to be something else has no places, and stays",
        arguments: [
            ("<p>hush", "Content-Type: text/html\r\n"), ("[hush", "Content-Type: text/html\r\n"),
            ("hush", "Content-Type: image/png\r\nContent-Encoding: snappy\r\n"),
            ("plain hush", "Content-Type: text/plain\r\n"),
            ("\"hush\"", "Content-Type: application/json\r\n"),
            (" ", "Content-Type: application/json\r\n"),
            ("data: [DONE]\n\ndata: hush\n\n", "Content-Type: text/event-stream\r\n"),
        ])
    func other(body: String, fields: String) throws {
        let exchange = Self.exchange(Array(body.utf8), fields)
        let found = try Self.redact(exchange)
        #expect(found.text == ImportSamples.text(exchange.request) && found.notes.isEmpty)
    }

    @Test(
        "JSON lines, events and a byte order mark are looked into",
        arguments: [
            (
                "{\"secret\":1,\"a\":2}\n\n{\"b\":3}\r\n", "Content-Type: application/x-ndjson\r\n",
                "{\"a\":2}\n\n{\"b\":3}\r\n"
            ),
            (
                "{\"secret\":1}\n{\"secret\":2}", "", "{}\n{}"
            ),
            (
                "event: x\ndata: {\"secret\":\"hush\",\"a\":1}\n\ndata: [DONE]\n\n",
                "Content-Type: text/event-stream; charset=utf-8\r\n",
                "event: x\ndata: {\"a\":1}\n\ndata: [DONE]\n\n"
            ),
            ("\u{FEFF}{\"secret\":1}", "Content-Type: application/json\r\n", "{}"),
        ])
    func lines(body: String, fields: String, expected: String) throws {
        let found = try Self.redact(Self.exchange(Array(body.utf8), fields))
        #expect(found.text.hasSuffix("\r\n\r\n\(expected)"))
        #expect(found.redacted == ["request body /secret"] && found.notes.isEmpty)
    }

    @Test("a form in an encoding that is not known is dropped, since forms hold passwords")
    func form() throws {
        let exchange = Self.exchange(
            Array("password=hush".utf8),
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Encoding: snappy\r\n")
        let found = try Self.redact(exchange, [])
        #expect(!found.text.contains("hush") && found.notes.count == 1)
    }

    @Test("a trailer that a rule names goes, with the chunks, and the body stays")
    func trailers() throws {
        var exchange = Self.exchange([], "")
        exchange.request = Array(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Api-Key: hush\r\nX-Sum: 1\r\n\r\n"
                .utf8)
        let found = try Self.redact(exchange, [])
        #expect(
            found.text
                == "POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        )
        #expect(found.redacted == ["request header x-api-key"])
    }

    @Test("a message that is cut short cannot be redacted, and its exchange is lost and counted")
    func cutShort() throws {
        var exchange = Self.exchange([], "Authorization: hush\r\n")
        exchange.request = Array(
            "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: hush\r\nContent-Length: 9\r\n\r\nabc".utf8
        )
        #expect(throws: AssayError.self) { try Self.redact(exchange, []) }
        let directory = try TemporaryDirectory(in: "/tmp")
        var sink = try PreparingSink(
            in: directory.path, rules: ExchangeRules(),
            redactor: Redactor(RedactionRules(), key: RedactionTests.key))
        try sink.append(exchange)
        try sink.append(Self.exchange([], "Authorization: hush\r\n"))
        #expect(sink.count == 1)
        var losses = CaptureLosses()
        losses.keep()
        losses.keep()
        losses.revise(sink.losses)
        #expect(losses.isBalanced && losses.whole == 1 && losses.unsupported == 1)
        #expect(losses.reasons == [Redactor.refusal: 1])
    }
}
