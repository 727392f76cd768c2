import AssayCore
import AssayRecorder
import NIOCore
import NIOPosix
import Testing

@testable import AssayCapture

@Suite("the recording proxy", .timeLimit(.minutes(20)))
struct RelayTests {
    private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Odd:  spaced \r\n\r\nok"

    @Test(
        "bytes pass unchanged in both directions, whatever pieces they come in",
        arguments: [1, 3, 7, 10_000])
    func exactness(piece: Int) async throws {
        let reply = Array(ok.utf8)
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            Reply(pieces: reply.indices.map { [reply[$0]] })
        }
        let request =
            "POST /predict?x=1 HTTP/1.1\r\nhOst: a\r\nContent-Length: 11\r\n\r\nhello\u{0}world"
        let outcome = try await Bench.record(server.address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(request, piece: piece)
            await client.read(upTo: reply.count)
            #expect(client.received == reply)
            await client.close()
        }
        #expect(server.received == [Array(request.utf8)])
        #expect(outcome.exchanges.map(\.request) == [Array(request.utf8)])
        #expect(outcome.exchanges.map(\.response) == [reply])
        let exchange = try #require(outcome.exchanges.first)
        #expect(0 <= exchange.firstByteAfter)
        #expect(exchange.firstByteAfter <= exchange.endedAfter)
        #expect(exchange.route == "POST /predict")
        #expect(outcome.recording.recorded == 1)
        #expect(outcome.recording.counters.losses.whole == 1)
        #expect(outcome.recording.counters.bytesUp == request.utf8.count)
        #expect(outcome.recording.counters.bytesDown == reply.count)
        #expect(outcome.recording.counters.openConnections == 0)
        #expect(outcome.recording.counters.buffered == 0)
        try await server.stop()
    }

    @Test("bodies in gzip pass and are recorded as they were")
    func packed() async throws {
        let body = try Gzip.member(Array("{\"score\":0.5}".utf8))
        let head = "Content-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n"
        let reply = Array("HTTP/1.1 200 OK\r\n\(head)".utf8) + body
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            Reply(pieces: [reply])
        }
        let request = Array("POST /predict HTTP/1.1\r\nHost: a\r\n\(head)".utf8) + body
        let outcome = try await Bench.record(server.address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(request)
            await client.read(upTo: reply.count)
            #expect(client.received == reply)
            await client.close()
        }
        #expect(server.received == [request])
        #expect(outcome.exchanges.map(\.request) == [request])
        #expect(outcome.exchanges.map(\.response) == [reply])
        try await server.stop()
    }

    @Test("without room for recordings all traffic passes, and every lost recording is counted")
    func overload() async throws {
        let body = String(repeating: "x", count: 20_000)
        let reply = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let server = try await ScriptedServer.start(on: Bench.group) { head in
            head.path == "/large" ? Reply(reply) : Reply("HTTP/1.1 204 No\r\n\r\n")
        }
        let outcome = try await Bench.record(server.address) {
            $0.bufferLimit = 4_000
        } _: { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            for round in 1...20 {
                try await client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
                await client.read(upTo: round * reply.utf8.count)
            }
            #expect(client.received == Array(String(repeating: reply, count: 20).utf8))
            let before = client.received.count
            try await client.send("GET /small HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.read(upTo: before + 19)
            await client.close()
        }
        let counters = outcome.recording.counters
        #expect(counters.losses.reasons == ["the recorder fell behind": 20])
        #expect(counters.losses.seen == 21 && counters.losses.isBalanced)
        // There is room again at once for what is small enough.
        #expect(outcome.exchanges.map(\.route) == ["GET /small"])
        #expect(counters.buffered == 0)
        try await server.stop()
    }

    @Test("keep-alive, pipelining, chunks, HEAD, 204, 304 and interim answers pair up in order")
    func framing() async throws {
        let replies: [String: String] = [
            "/length": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "/chunked":
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n",
            "/head": "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
            "/none": "HTTP/1.1 204 No Content\r\n\r\n",
            "/same": "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
            "/interim":
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
        ]
        let server = try await ScriptedServer.start(on: Bench.group) { head in
            Reply(replies[head.path] ?? "")
        }
        let order = ["/length", "/head", "/chunked", "/none", "/interim", "/same", "/length"]
        let requests = order.map { path in
            "\(path == "/head" ? "HEAD" : "GET") \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
        }
        let expected = order.map { replies[$0] ?? "" }
        let outcome = try await Bench.record(server.address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(requests.joined())
            await client.read(upTo: expected.joined().utf8.count)
            #expect(client.text == expected.joined())
            // Once more on the same connection, one after the other.
            try await client.send(requests[0])
            await client.read(upTo: (expected.joined() + expected[0]).utf8.count)
            await client.close()
        }
        #expect(
            outcome.exchanges.map { String(decoding: $0.request, as: UTF8.self) } == requests + [
                requests[0]
            ])
        #expect(
            outcome.exchanges.map { String(decoding: $0.response, as: UTF8.self) } == expected + [
                expected[0]
            ])
        #expect(outcome.recording.counters.losses.isBalanced)
        try await server.stop()
    }

    @Test("a body that ends with the connection is whole, and its end is passed on")
    func closeDelimited() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            Reply("HTTP/1.0 200 OK\r\n\r\n", "part one, ", "part two", closes: true)
        }
        let outcome = try await Bench.record(server.address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            await client.readToEnd()
            #expect(client.text.hasSuffix("part one, part two"))
            await client.close()
        }
        #expect(outcome.exchanges.count == 1)
        #expect(outcome.exchanges.first?.response.suffix(8) == Array("part two".utf8)[...])
        try await server.stop()
    }

    @Test("a client that only closes its sending half still gets its answer")
    func halfClose() async throws {
        let promise = Bench.group.any().makePromise(of: Reply.self)
        let server = try await ScriptedServer.start(on: Bench.group) { _ in promise.futureResult }
        let outcome = try await Bench.record(server.address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.closeOutput()
            promise.succeed(Reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
            await client.readToEnd()
            #expect(client.text == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        #expect(outcome.exchanges.count == 1)
        #expect(outcome.recording.counters.losses.seen == 1)
        try await server.stop()
    }

    @Test("a reader that is slow holds the sender back, and gets every byte")
    func backPressure() async throws {
        let size = 8 << 20
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n".utf8)
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            Reply(pieces: [head, body])
        }
        let outcome = try await Bench.record(server.address) {
            $0.bufferLimit = 1 << 20
        } _: { recorder, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.channel.setOption(.autoRead, value: false).get()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.channel.setOption(.autoRead, value: true).get()
            await client.read(upTo: head.count + size)
            #expect(client.received == head + body)
            #expect(recorder.counters.buffered <= 1 << 20)
            await client.close()
        }
        #expect(outcome.recording.counters.losses.reasons == ["the recorder fell behind": 1])
        try await server.stop()
    }

    @Test("an upstream that refuses is answered with 502 and counted")
    func refusing() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in Reply() }
        let address = server.address
        try await server.stop()
        let outcome = try await Bench.record(address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.readToEnd()
            #expect(client.text.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
            #expect(client.text.contains("upstream \(address)"))
            await client.close()
        }
        #expect(outcome.recording.counters.refused == 1)
        #expect(outcome.recording.counters.losses.truncated == 1)
        #expect(outcome.exchanges.isEmpty)
        #expect(outcome.recording.counters.openConnections == 0)
    }

    @Test("a client that leaves in the middle costs its exchange only")
    func clientLeaves() async throws {
        let (leaving, left) = AsyncStream<Void>.makeStream()
        let server = try await ScriptedServer.start(on: Bench.group) {
            head -> EventLoopFuture<Reply>? in
            if head.path == "/slow" {
                left.finish()
                return nil
            }
            return Bench.group.any().makeSucceededFuture(
                Reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
        }
        let outcome = try await Bench.record(server.address) { _, addresses in
            let gone = try await RawClient(Bench.group, to: addresses.listen)
            try await gone.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            for await _ in leaving {}
            await gone.close()
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.read(upTo: 38)
            await client.close()
        }
        #expect(outcome.exchanges.count == 1)
        #expect(outcome.recording.counters.losses.truncated == 1)
        #expect(outcome.recording.counters.losses.isBalanced)
        try await server.stop()
    }

    @Test("what is not HTTP/1.1 passes through and is counted as unsupported")
    func notHTTP() async throws {
        let request = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        let (answered, answer) = AsyncStream<Void>.makeStream()
        let server = try await RawServer.start(
            on: Bench.group, answers: Array("\u{0}\u{1}raw".utf8))
        let outcome = try await Bench.record(server.address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(request)
            await client.read(upTo: 5)
            #expect(client.text == "\u{0}\u{1}raw")
            answer.finish()
            await client.close()
        }
        for await _ in answered {}
        #expect(outcome.recording.counters.losses.unsupported == 1)
        #expect(outcome.exchanges.isEmpty)
        try await server.stop()
    }

    @Test("a message over the limit passes, and only its recording is dropped")
    func overLimit() async throws {
        let body = String(repeating: "x", count: 300_000)
        let server = try await ScriptedServer.start(on: Bench.group) { head in
            head.path == "/large"
                ? Reply("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n", body)
                : Reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let outcome = try await Bench.record(server.address) {
            $0.messageLimit = 1000
        } _: { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.read(upTo: 300_043)
            try await client.send("GET /small HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.read(upTo: 300_043 + 38)
            #expect(client.received.count == 300_043 + 38)
            await client.close()
        }
        #expect(outcome.exchanges.map(\.route) == ["GET /small"])
        #expect(
            outcome.recording.counters.losses.reasons == [
                "a message was larger than the recorder keeps": 1
            ])
        try await server.stop()
    }
}
