import AssayCore
import Testing

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
        guard case .miss(let sentence) = book.answer(ask("/f?id=8"), trace: nil) else {
            Issue.record("a call that was not recorded was answered")
            return
        }
        #expect(sentence.contains("the nearest is GET /f?id=7"))
        #expect(sentence.contains("the query is ?id=8, not ?id=7"))
        let summary = book.end(exchange: "1")
        #expect(summary.unmatched == 1)
        #expect(summary.asked == [ask("/f?id=8")])
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
