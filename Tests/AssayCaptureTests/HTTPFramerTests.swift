import AssayCapture
import AssayCore
import Testing

@Suite("HTTP framing")
struct HTTPFramerTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let name: String
        let role: HTTPFramer.Role
        let bytes: String
        let body: String
        var testDescription: String { name }
    }

    static let samples = [
        Sample(
            name: "a GET", role: .request, bytes: "GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n", body: ""
        ),
        Sample(
            name: "a POST", role: .request,
            bytes: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", body: "hello"),
        Sample(
            name: "a length", role: .response(toMethod: "GET"),
            bytes: "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", body: "abc"),
        Sample(
            name: "chunks with an extension and a trailer", role: .response(toMethod: "GET"),
            bytes:
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nWiki\r\n5\r\npedia\r\n0\r\nT: 1\r\n\r\n",
            body: "Wikipedia"),
        Sample(
            name: "HEAD", role: .response(toMethod: "HEAD"),
            bytes: "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", body: ""),
        Sample(
            name: "204", role: .response(toMethod: "GET"), bytes: "HTTP/1.1 204 No\r\n\r\n",
            body: ""),
        Sample(
            name: "304", role: .response(toMethod: "GET"),
            bytes: "HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n", body: ""),
        Sample(
            name: "an interim response", role: .response(toMethod: "POST"),
            bytes: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            body: "ok"),
    ]

    @Test(
        "a message ends in the same place however it is cut, and what follows is left",
        arguments: samples)
    func boundaries(sample: Sample) throws {
        let bytes = Array(sample.bytes.utf8)
        let following = Array("GET /next HTTP/1.1\r\n\r\n".utf8)
        for step in 1...bytes.count {
            var framer = HTTPFramer(sample.role)
            var rest = (bytes + following)[...]
            var taken = 0
            while !framer.isComplete, !rest.isEmpty {
                let count = try framer.consume(rest.prefix(step))
                taken += count
                rest = rest.dropFirst(count)
            }
            #expect(framer.isComplete)
            #expect(taken == bytes.count, "pieces of \(step)")
        }
        let message = try HTTPMessage(bytes, role: sample.role)
        #expect(String(decoding: message.body, as: UTF8.self) == sample.body)
    }

    @Test("every truncation is refused", arguments: samples)
    func truncation(sample: Sample) {
        let bytes = Array(sample.bytes.utf8)
        for length in 1..<bytes.count {
            #expect(throws: AssayError.self, "\(length)") {
                try HTTPMessage(Array(bytes[..<length]), role: sample.role)
            }
        }
    }

    @Test("a response without length ends with its connection")
    func untilClose() throws {
        var framer = HTTPFramer(.response(toMethod: "GET"))
        let bytes = Array("HTTP/1.0 200 OK\r\n\r\nabc".utf8)
        #expect(try framer.consume(bytes[...]) == bytes.count)
        #expect(!framer.isComplete)
        #expect(framer.endsWithConnection)
        try framer.end()
        #expect(framer.isComplete)
    }

    static let refused = [
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "POST / HTTP/1.1\r\nA: b\nB: c\r\n\r\n", "POST / HTTP/1.1\r\nA: \u{1}\r\n\r\n",
        "POST /\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
    ]

    @Test("framing that two readers could see in two ways is refused", arguments: refused)
    func smuggling(text: String) {
        #expect(throws: AssayError.self) {
            var framer = HTTPFramer(.request)
            _ = try framer.consume(Array(text.utf8)[...])
            try framer.end()
            if framer.isComplete { Issue.record("it was taken as a message") }
        }
    }

    @Test("a head and a message beyond their bounds are refused")
    func bounds() {
        var framer = HTTPFramer(.request, limits: .init(head: 64, message: 128))
        let long = Array("GET /\(String(repeating: "a", count: 80)) HTTP/1.1\r\n\r\n".utf8)
        let error = #expect(throws: AssayError.self) { try framer.consume(long[...]) }
        #expect(error?.code == .limit)
        var body = HTTPFramer(.request, limits: .init(head: 64, message: 128))
        let large =
            Array("POST / HTTP/1.1\r\nContent-Length: 500\r\n\r\n".utf8)
            + [UInt8](repeating: 1, count: 200)
        #expect(throws: AssayError.self) { try body.consume(large[...]) }
    }
}
