import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("answers of dependencies from a file")
struct SuppliedCallsTests {
    private func parse(_ text: String) throws -> [SuppliedCalls.Call] {
        try SuppliedCalls.parse(Array(text.utf8), path: "answers.jsonl").calls
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("a request and a response are made of their parts, JSON as it stands in the line")
    func parts() throws {
        let calls = try parse(
            """
            {"name": "rates", "request": {"target": "/rates?id=7"}, "response": {"status": 200, "json": {"rate": 1.0}}}

            {"name": "rates", "request": {"method": "POST", "target": "/find", "headers": {"content-type": "text/plain"}, "body": "x"}, "response": {"status": 404, "headers": {"x-a": "b"}, "body": {"base64": "AAE="}}, "startedAfter": 5, "endedAfter": 25}

            """)
        #expect(calls.map(\.line) == [1, 3])
        #expect(
            text(calls[0].request.bytes) == "GET /rates?id=7 HTTP/1.1\r\nHost: rates\r\n\r\n")
        #expect(
            text(calls[0].response)
                == "HTTP/1.1 200 \r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n"
                + #"{"rate": 1.0}"#)
        #expect(calls[0].latency == nil && calls[1].latency == 20)
        let request = calls[1].request
        #expect(request.head.method == "POST" && Array(request.body) == Array("x".utf8))
        let response = try HTTPMessage(calls[1].response, role: .response(toMethod: "POST"))
        #expect(response.head.status == 404 && Array(response.body) == [0, 1])
        #expect(response.head["x-a"] == "b")
    }

    @Test("the calls of an exported capture are such lines as they are")
    func exported() throws {
        let call = EgressCall(
            name: "rates", request: Array("GET /r HTTP/1.1\r\nHost: a\r\n\r\n".utf8),
            response: Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".utf8) + [0xFF, 0xFE],
            startedAfter: 100, endedAfter: 350)
        let exchange = Exchange(
            request: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), response: [], startedAt: 1,
            firstByteAfter: 0, endedAfter: 0, egress: [call])
        var export = JSONLinesExport()
        var report = CaptureExport()
        let line = text(try export.text(of: exchange, &report))
        let parts = line.split(separator: #""egress":["#)
        let calls = try parse(String(try #require(parts.last).dropLast(3)))
        #expect(calls.map(\.request.bytes) == [call.request])
        #expect(calls.map(\.response) == [call.response])
        #expect(calls.map(\.latency) == [250])
    }

    static let bad: [(line: String, says: String, column: Int)] = [
        ("nonsense", "is no JSON", 1),
        ("[]", "a call of a dependency is an object", 1),
        (#"{"request": "x", "response": "y"}"#, "names no dependency", 1),
        (#"{"name": "r", "respone": 1}"#, "no `respone`; did you mean `response`?", 26),
        (#"{"name": "r", "response": {"status": 200}}"#, "the line has no `request`", 1),
        (#"{"name": "r", "request": {"target": "x"}, "response": ""}"#, "has no `target`", 37),
        (#"{"name": "r", "request": {"target": "/"}, "response": {}}"#, "has no `status`", 55),
        (
            #"{"name": "r", "request": {"target": "/"}, "response": {"status": 99}}"#,
            "cannot be made: a status is none of HTTP", 55
        ),
        (
            #"{"name": "r", "request": {"target": "/"}, "response": {"status": 204, "body": "x"}}"#,
            "a body was left out", 55
        ),
        (
            #"{"name": "r", "request": {"target": "/"}, "response": {"status": 200, "body": "", "json": 1}}"#,
            "has a `body` and a `json`", 91
        ),
        (
            #"{"name": "r", "request": {"target": "/", "bodyDigest": "sha256:1"}, "response": {"status": 200}}"#,
            "is no digest", 56
        ),
        (
            #"{"name": "r", "request": {"target": "/", "headers": {"a": 1}}, "response": {"status": 200}}"#,
            "the header a is no text", 59
        ),
        (
            #"{"name": "r", "request": {"target": "/", "headers": {"a": "b\r\nc"}}, "response": {"status": 200}}"#,
            "control characters", 26
        ),
        (#"{"name": "r", "request": "GET / HTTP/1.1\r\n", "response": ""}"#, "is cut short", 1),
        (
            #"{"name": "r", "request": {"target": "/"}, "response": {"base64": "?"}}"#,
            "is no base64", 66
        ),
        (
            #"{"name": "r", "request": {"target": "/"}, "response": {"status": 200}, "endedAfter": -1}"#,
            "no count of nanoseconds", 86
        ),
    ]

    @Test("a line that is no answer is refused with its place", arguments: bad)
    func refused(line: String, says: String, column: Int) {
        let good = #"{"name": "r", "request": {"target": "/good"}, "response": {"status": 200}}"#
        do throws(AssayError) {
            _ = try SuppliedCalls.parse(Array("\(good)\n\(line)\n".utf8), path: "answers.jsonl")
            Issue.record("it was taken: \(line)")
        } catch {
            #expect(error.code == .invalidDocument)
            #expect(error.message.contains(says), "\(error)")
            #expect(
                error.location == SourceLocation(file: "answers.jsonl", line: 2, column: column),
                "\(error)")
        }
    }

    @Test("every cut of a line is refused, none traps")
    func cuts() throws {
        let line = Array(
            #"{"name":"r","request":{"target":"/","body":{"base64":"AA=="}},"response":{"status":200}}"#
                .utf8)
        #expect(try SuppliedCalls.parse(line, path: "a").calls.count == 1)
        for end in line.indices {
            #expect(throws: AssayError.self) {
                try SuppliedCalls.parse(Array(line[..<end]), path: "a")
            }
        }
    }

    @Test("two lines that ask the same, and more than may be, are refused")
    func twice() throws {
        let line = #"{"name":"r","request":{"target":"/"},"response":{"status":200}}"#
        do throws(AssayError) {
            _ = try SuppliedCalls.parse(Array("\(line)\n\n\(line)".utf8), path: "a")
            Issue.record("they were taken")
        } catch {
            #expect(error.message == "the line asks what line 1 asks")
            #expect(error.location?.line == 3)
        }
        let other = line.replacing("\"/\"", with: "\"/2\"")
        let both = Array("\(line)\n\(other)".utf8)
        #expect(try SuppliedCalls.parse(both, path: "a", lineLimit: 2).calls.count == 2)
        do throws(AssayError) {
            _ = try SuppliedCalls.parse(both, path: "a", lineLimit: 1)
            Issue.record("they were taken")
        } catch {
            #expect(error.code == .limit)
        }
    }

    @Test("a file above its size is refused, unread")
    func size() throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let path = directory.path.appending("answers.jsonl")
        try FileSystem.replace(
            path, with: Array(repeating: 0x20, count: SuppliedCalls.sizeLimit + 1))
        do throws(AssayError) {
            _ = try SuppliedCalls.read(path)
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .limit && error.message.contains("64 MiB"))
        }
    }
}
