import AssayCapture
import AssayCore
import Testing

@Suite("HTTP framing of streams")
struct HTTPFramerStreamTests {
    /// A random message and its body.
    static func message(
        _ isRequest: Bool, using generator: inout SplitMix64
    ) -> (bytes: [UInt8], body: [UInt8]) {
        let body = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        var text = isRequest ? "POST /a?b=c HTTP/1.1\r\nHost: x\r\n" : "HTTP/1.1 200 OK\r\n"
        for number in 0..<Int.random(in: 0...5, using: &generator) {
            let value = String(repeating: "v", count: Int.random(in: 0...40, using: &generator))
            text += "X-\(number):  \(value)\t\r\n"
        }
        guard Bool.random(using: &generator) else {
            return (Array("\(text)Content-Length: \(body.count)\r\n\r\n".utf8) + body, body)
        }
        var bytes = Array("\(text)transfer-encoding: Chunked\r\n\r\n".utf8)
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...rest.count, using: &generator))
            let size = String(chunk.count, radix: 16, uppercase: Bool.random(using: &generator))
            let extensions = ["", ";a=b", " ; a=\"b c\"", ";x"]
            bytes += "\(size)\(extensions.randomElement(using: &generator) ?? "")\r\n".utf8
            bytes += chunk + [0x0D, 0x0A]
            rest = rest.dropFirst(chunk.count)
        }
        let trailer = Bool.random(using: &generator) ? "T: 1\r\nU: 2\r\n" : ""
        return (bytes + Array("0\r\n\(trailer)\r\n".utf8), body)
    }

    @Test("any split of a stream gives the same messages", arguments: 0..<60)
    func splits(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let isRequest = seed.isMultiple(of: 2)
        let role: HTTPFramer.Role = isRequest ? .request : .response(toMethod: "POST")
        let messages = (0..<8).map { _ in Self.message(isRequest, using: &generator) }
        let stream = messages.flatMap(\.bytes)
        var framer = HTTPFramer(role)
        var found: [[UInt8]] = []
        var current: [UInt8] = []
        var position = 0
        while position < stream.count {
            let size =
                Bool.random(using: &generator) ? 1 : Int.random(in: 1...400, using: &generator)
            var piece = stream[position..<min(position + size, stream.count)]
            position += piece.count
            while !piece.isEmpty {
                let count = try framer.consume(piece)
                current += piece.prefix(count)
                piece = piece.dropFirst(count)
                if framer.isComplete {
                    found.append(current)
                    current = []
                    framer = HTTPFramer(role)
                }
            }
        }
        #expect(found == messages.map(\.bytes))
        #expect(current.isEmpty)
        for (bytes, body) in messages {
            #expect(Array(try HTTPMessage(bytes, role: role).body) == body)
        }
    }

    @Test("a body starts behind empty lines that precede the request")
    func leadingEmptyLines() throws {
        let bytes = Array("\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nok".utf8)
        #expect(Array(try HTTPMessage(bytes, role: .request).body) == Array("ok".utf8))
        for step in 1...bytes.count {
            var framer = HTTPFramer(.request)
            var rest = bytes[...]
            while !rest.isEmpty { rest = rest.dropFirst(try framer.consume(rest.prefix(step))) }
            #expect(framer.isComplete && framer.bodyOffset == bytes.count - 2)
        }
    }

    static let refused: [(String, HTTPFramer.Role)] = [
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5 5\r\n", .request),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5x\r\n", .request),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n", .request),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;a\rb\r\n", .request),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n x: 1\r\n\r\n", .request),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno field\r\n\r\n", .request),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .request),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .response(toMethod: "GET")),
        ("POST  HTTP/1.1\r\nHost: x\r\n\r\n", .request), ("GET / HTTP/1.1 x\r\n\r\n", .request),
        ("GET / HTTP/2.0\r\n\r\n", .request), ("GET / HTTP/1.1\nHost: x\n\n", .request),
        ("\nGET / HTTP/1.1\r\n\r\n", .request), (": x\r\n\r\n", .request),
        ("GET / HTTP/1.1\r\n: x\r\n\r\n", .request), ("GET / HTTP/1.1\r\nx\r\n\r\n", .request),
        ("HTTP/1.1 2000 OK\r\n\r\n", .response(toMethod: "GET")),
        ("HTTP/1.1 20 OK\r\n\r\n", .response(toMethod: "GET")),
    ]

    @Test("what two readers could see in two ways is refused at once", arguments: refused.indices)
    func refusals(index: Int) {
        let (text, role) = Self.refused[index]
        for step in [1, 3, 1000] {
            #expect(throws: AssayError.self, "\(text.debugDescription)") {
                var framer = HTTPFramer(role)
                var rest = Array(text.utf8)[...]
                while !rest.isEmpty, !framer.isComplete {
                    rest = rest.dropFirst(try framer.consume(rest.prefix(step)))
                }
            }
        }
    }

    @Test("fields are found without regard to case, and in their order")
    func fields() throws {
        let head = try HTTPHead(
            parsing: Array(
                ("GET /p/q?x=1 HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-one:\t2 \r\n"
                    + "Connection: keep-alive, Close\r\n\r\n").utf8)[...])
        #expect(head.method == "GET" && head.target == "/p/q?x=1" && head.path == "/p/q")
        #expect(head["HOST"] == "a" && head["x-ONE"] == "1" && head["x-on"] == nil)
        #expect(head.values(of: "X-One") == ["1", "2"])
        #expect(head.fields.map(\.name) == ["Host", "X-One", "x-one", "Connection"])
        #expect(head.lists("close", in: "connection") && !head.lists("clos", in: "connection"))
        #expect(head.status == nil)
    }
}
