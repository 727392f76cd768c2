import AssayCapture
import AssayCore
import Testing

@Suite("Exchanges for people")
struct ExchangeTextTests {
    static func exchange(_ request: String, _ response: [UInt8]) -> Exchange {
        Exchange(
            request: Array(request.utf8), response: response,
            startedAt: 1_378_029_600_000_000_000, firstByteAfter: 1_500_000, endedAfter: 2_000_000,
            session: "u1", route: "POST /p", slices: ["b": "2", "a": "1"])
    }

    @Test("an exchange is shown decoded and indented")
    func readable() {
        let body = "{\"a\":[1.50,{}],\"b\":\"x:,{\\\"\",\"c\":[]}"
        let chunked = "5\r\n{\"ok\"\r\n6\r\n: true\r\n1\r\n}\r\n0\r\n\r\n"
        let text = ExchangeText.readable(
            Self.exchange(
                "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
                Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(chunked)".utf8)))
        #expect(text.contains("started    2013-09-01T10:00:00.000000000Z\n"))
        #expect(text.contains("first byte after 1.500 ms, whole after 2.000 ms\n"))
        #expect(text.contains("slices     a=1, b=2\n"))
        let pretty =
            "{\n  \"a\": [\n    1.50,\n    {}\n  ],\n  \"b\": \"x:,{\\\"\",\n  \"c\": []\n}\n"
        #expect(text.contains("\n\n\(pretty)"), "\(text)")
        #expect(text.contains("Transfer-Encoding: chunked\n\n{\n  \"ok\": true\n}\n"))
    }

    @Test("binary is shown in hexadecimal, and nothing reaches the terminal as a command")
    func hostile() {
        let head = "HTTP/1.1 200 OK\r\nX: \u{9b}31m\r\nContent-Length: 18\r\n\r\n"
        let text = ExchangeText.readable(
            Self.exchange(
                "GET /\u{202e}x HTTP/1.1\r\n\r\n", Array(head.utf8) + Array(0x18..<0x2A)))
        #expect(text.contains("00000000  18 19 1a 1b 1c 1d 1e 1f  20 21 22 23 24 25 26 27  |"))
        #expect(text.contains("00000010  28 29"))
        #expect(text.contains("X: \\u{9b}31m"))
        #expect(text.contains("/\\u{202e}x"))
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
        let broken = ExchangeText.readable(Self.exchange("nonsense", []))
        let lines = Self.exchange("nonsense", []).readableLines
        #expect(lines.joined(separator: "\n") + "\n" == broken)
        #expect(Self.exchange("nonsense", []).curl(url: "http://x").hasPrefix("# "))
        #expect(broken.contains("6e 6f 6e 73") && broken.contains("no response was recorded"))
    }

    @Test("a body beyond the limit says how much more there is")
    func limit() {
        let body = String(repeating: "a", count: 100)
        let text = ExchangeText.readable(
            Self.exchange("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n\(body)", []), limit: 40)
        #expect(text.contains("(60 bytes more)"))
    }

    @Test("the command for curl sends the recorded fields and no others")
    func curl() throws {
        let text = try ExchangeText.curl(
            Self.exchange(
                "POST /it's?a=[1] HTTP/1.1\r\nHost: x:81\r\nX-Empty:\r\nContent-Length: 4\r\n\r\n'\"\\$",
                []))
        #expect(
            text == "curl --silent --show-error --include --http1.1 --globoff --path-as-is "
                + "--request 'POST' --header 'Host: x:81' --header 'X-Empty;' --header 'User-Agent:' "
                + "--header 'Accept:' --header 'Content-Type:' --header 'Expect:' "
                + "--data-raw ''\\''\"\\$' 'http://x:81/it'\\''s?a=[1]'")
        var binary = Self.exchange("", [])
        binary.request =
            Array("PUT http://h/p HTTP/1.1\r\nContent-Length: 2\r\n\r\n".utf8) + [0, 255]
        let piped = try ExchangeText.curl(binary, base: "http://127.0.0.1:8000")
        #expect(piped.hasPrefix("printf '\\000\\377' | curl "))
        #expect(piped.hasSuffix("--data-binary @- 'http://127.0.0.1:8000/p'"))
        let head = try ExchangeText.curl(Self.exchange("HEAD / HTTP/1.1\r\n\r\n", []))
        #expect(head.contains(" --head ") && !head.contains("--request "))
        let options = try ExchangeText.curl(Self.exchange("OPTIONS * HTTP/1.1\r\n\r\n", []))
        #expect(options.hasSuffix("--request-target '*' 'http://localhost'"))
    }
}
