import AssayCore
import AssayEvidence
import Testing

@testable import AssayCapture
@testable import AssayReplay

@Suite("egress answered from the capture")
struct EgressBookTests {
    private func ask(_ target: String, body: String = "", name: String = "features") -> EgressAsk {
        EgressAsk(name: name, method: "GET", target: target, body: Digest(of: body.utf8))
    }

    private func recorded(_ target: String, _ answer: String) -> EgressBook.Recorded {
        EgressBook.Recorded(ask: ask(target), response: Array(answer.utf8))
    }

    @Test("a call belongs to the exchange whose trace id it carries")
    func traces() {
        var book = EgressBook(shared: [:])
        book.begin(exchange: "1", trace: "t1", calls: [recorded("/f?id=7", "one")])
        book.begin(exchange: "2", trace: "t2", calls: [recorded("/f?id=7", "two")])
        book.begin(exchange: "3", trace: "t2", calls: [recorded("/g", "three")])
        #expect(book.answer(ask("/g"), trace: "t2") == .recorded(Array("three".utf8), after: 0))
        #expect(book.answer(ask("/f?id=7"), trace: "t2") == .recorded(Array("two".utf8), after: 0))
        #expect(book.answer(ask("/f?id=7"), trace: "t1") == .recorded(Array("one".utf8), after: 0))
        #expect(book.end(exchange: "2").asked == [ask("/f?id=7")])
    }

    @Test(
        "without a trace id it belongs to an exchange in flight that recorded it and has not asked yet"
    )
    func keys() {
        var book = EgressBook(shared: [:])
        book.begin(exchange: "1", trace: nil, calls: [recorded("/a", "1a"), recorded("/a", "1b")])
        book.begin(exchange: "2", trace: nil, calls: [recorded("/b", "2b"), recorded("/a", "2a")])
        #expect(book.answer(ask("/b"), trace: nil) == .recorded(Array("2b".utf8), after: 0))
        for answer in ["1a", "1b", "2a", "1b"] {
            #expect(book.answer(ask("/a"), trace: nil) == .recorded(Array(answer.utf8), after: 0))
        }
    }

    @Test("a miss names the nearest recorded call and what differs, and is counted")
    func misses() {
        var book = EgressBook(shared: [:])
        book.begin(
            exchange: "1", trace: nil, calls: [recorded("/f?id=7", "x"), recorded("/other", "y")])
        guard case .miss(let sentence, let line) = book.answer(ask("/f?id=8"), trace: nil) else {
            Issue.record("a call that was not recorded was answered")
            return
        }
        #expect(sentence.contains("the nearest is GET /f?id=7"))
        #expect(sentence.contains("the query is ?id=8, not ?id=7"))
        #expect(
            line
                == #"{"name":"features","request":{"target":"/f?id=8"},"response":{"json":{},"status":200}}"#
        )
        let summary = book.end(exchange: "1")
        #expect(summary.unmatched == 1)
        #expect(summary.asked == [ask("/f?id=8")] && summary.missed == [ask("/f?id=8")])
    }

    private func supply(_ lines: [String], redacts: Bool = false) throws -> EgressSupply {
        let calls = try SuppliedCalls.parse(
            Array(lines.joined(separator: "\n").utf8), path: "answers.jsonl")
        return try EgressSupply(
            calls,
            redaction: redacts
                ? ReplayRedaction(
                    Redactor(RedactionRules(), key: Array(repeating: 7, count: 32)))
                : nil, names: ["features"])
    }

    private func line(_ target: String, status: Int = 200, more: String = "") -> String {
        #"{"name":"features","request":{"target":"\#(target)"\#(more)},"response":{"status":\#(status)}}"#
    }

    @Test("what nothing recorded answers is answered by what was supplied, and recordings win")
    func supplied() throws {
        let supply = try supply([line("/f?id=7"), line("/f?id=8"), line("/f?id=9")])
        var book = EgressBook(shared: [ask("/shared"): [1]], supplied: supply)
        book.begin(exchange: "1", trace: "t1", calls: [recorded("/f?id=7", "recorded")])
        #expect(
            book.answer(ask("/f?id=7"), trace: "t1") == .recorded(Array("recorded".utf8), after: 0))
        let expected = EgressBook.Reply.recorded(
            Array("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n".utf8), after: 0)
        #expect(book.answer(ask("/f?id=8"), trace: "t1") == expected)
        #expect(book.answer(ask("/f?id=8"), trace: nil) == expected)
        let summary = book.end(exchange: "1")
        #expect(summary.supplied == [2: 2] && summary.unmatched == 0)
        #expect(summary.asked == [ask("/f?id=7"), ask("/f?id=8")])
        // Outside all exchanges too.
        #expect(book.answer(ask("/f?id=9"), trace: nil) == expected)
        #expect(book.straySupplied == [3] && book.strayMisses == 0)
        guard case .miss = book.answer(ask("/f?id=8", body: "other"), trace: nil) else {
            Issue.record("another body was answered")
            return
        }
    }

    @Test("a supplied call is found as a recording would keep it, and by its body's digest")
    func suppliedAlike() throws {
        let digest = Digest(of: "posted".utf8)
        let lines = [
            line("/f?api_key=mine&id=1"), line("/f?id=2", more: #","bodyDigest":"\#(digest)""#),
        ]
        let made = ask("/f?api_key=yours&id=1")
        let kept = ask("/f?api_key=redacted&id=1")
        for redacts in [true, false] {
            var book = EgressBook(shared: [:], supplied: try supply(lines, redacts: redacts))
            book.begin(exchange: "1", trace: nil, calls: [])
            _ = book.answer(made, or: kept, trace: nil)
            _ = book.answer(ask("/f?id=2", body: "posted"), trace: nil)
            let summary = book.end(exchange: "1")
            #expect(summary.supplied == (redacts ? [1: 1, 2: 1] : [2: 1]))
            // The secret goes nowhere.
            #expect(summary.asked.contains(kept) && !summary.asked.contains(made))
        }
    }

    @Test("a recorded call is asked as a recording would have it by the rules of today")
    func laterRules() throws {
        let body = #"{"id": 42, "name": "ada"}"#
        let call = EgressCall(
            name: "features",
            request: Array(
                ("POST /f?user=ada HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                    + body).utf8), response: [], startedAfter: 0, endedAfter: 1)
        let first: [RedactionRules.Rule] = [
            .init(.pointer(["id"]), .pseudonym), .init(.pointer(["name"]), .pseudonym),
        ]
        let rules = RedactionRules(first + [.init(.query("user"), .mask)])
        let key = [UInt8](repeating: 7, count: 32)
        let redaction = ReplayRedaction(Redactor(rules, key: key))
        let live = try #require(
            redaction.ask(
                name: "features", call: try HTTPMessage(call.request, role: .request)))
        #expect(live.target == "/f?user=redacted")
        var exchange = Exchange(
            request: Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), response: [], startedAt: 1,
            firstByteAfter: 0, endedAfter: 0)
        exchange.egress = [call]
        for old in [RedactionRules(first), RedactionRules()] {
            var exchange = exchange
            _ = try Redactor(old, key: key).apply(to: &exchange)
            let recorded = try EgressBook.Recorded(
                exchange.egress[0], redaction: redaction, before: exchange.redacted)
            #expect(recorded.ask == live)
        }
    }

    @Test("an answer for a dependency that nobody declares is refused")
    func undeclared() throws {
        let calls = try SuppliedCalls.parse(
            Array(line("/").replacing("features", with: "featurs").utf8), path: "answers.jsonl")
        do throws(AssayError) {
            _ = try EgressSupply(calls, redaction: nil, names: ["features", "prices"])
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .usage)
            #expect(error.message.hasPrefix("line 1 of answers.jsonl answers for"))
            #expect(error.hint == "did you mean `features`?")
        }
    }

    @Test("lines that nobody asked for are told as ranges; the misses that sort first are kept")
    func tally() {
        var tally = EgressTally()
        tally.add(EgressBook.Summary(supplied: [2: 3, 9: 1]), of: "candidate")
        #expect(tally.answered == ["candidate": 4])
        #expect(tally.unused(of: [2, 3, 5, 9, 11]) == [3...5, 11...11])
        for number in [7, 3, 9, 1, 8, 2, 3, 6] {
            tally.add(EgressBook.Summary(missed: [ask("/\(number)")]), of: "candidate")
        }
        #expect(tally.misses == [1, 2, 3, 6, 7].map { ask("/\($0)").lineToWrite })
        let supplied = Evidence.Supplied(
            name: "a", digest: Digest(of: [1]), lines: 5, answered: [:], unused: [3...5, 11...11])
        #expect(
            [2, 3, 5, 9, 11, 12].map(supplied.isUnused) == [false, true, true, false, true, false])
        #expect(supplied.unusedSentence == "lines 3 to 5, 11 of a were never asked for")
    }

    @Test(
        "a call in another protocol is told apart by its first bytes",
        arguments: [
            (Array("*1\r\n$4\r\nPING\r\n".utf8), ForeignProtocol.redis),
            (Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), .http2),
            ([0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F], .postgres),
            ([0, 0, 0, 40, 0, 3, 0, 0, 0x75], .postgres), ([0x16, 3, 1, 2, 0], .tls),
            (Array("GET / HTTP/1.1\r\n".utf8), nil), (Array("PROPFIND /".utf8), nil), ([], nil),
        ] as [([UInt8], ForeignProtocol?)])
    func foreign(bytes: [UInt8], expected: ForeignProtocol?) {
        #expect(ForeignProtocol(bytes) == expected)
    }

    @Test("a call in another protocol is a miss of whatever is in flight, and is named")
    func foreignCall() {
        var book = EgressBook(shared: [:])
        book.begin(exchange: "1", trace: nil, calls: [])
        book.note(.redis, of: "features")
        #expect(book.end(exchange: "1").unmatched == 1)
        #expect(book.foreign == ["features in Redis"])
        book.note(.redis, of: "features")
        #expect(book.strayMisses == 1)
    }

    @Test("a call for one dependency is never answered with another's recording")
    func names() {
        var book = EgressBook(shared: [ask("/x", name: "prices"): [1]])
        guard case .miss = book.answer(ask("/x"), trace: nil) else {
            Issue.record("the wrong dependency answered")
            return
        }
        #expect(book.answer(ask("/x", name: "prices"), trace: nil) == .recorded([1], after: 0))
        #expect(book.strayMisses == 1)
    }

    @Test("trace ids are read from traceparent headers only when they are whole")
    func traceParent() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736"
        #expect(TraceParent.traceID(in: "00-\(id)-00f067aa0ba902b7-01") == id)
        #expect(TraceParent.traceID(of: id) == id)
        for header in [
            "", "00", "00-\(id)", "00-\(id.dropLast())-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        ] {
            #expect(TraceParent.traceID(in: header) == nil)
        }
    }
}
