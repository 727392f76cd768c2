import AssayCore
import AssayRecorder
import AssaySystem
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("streams through the recorder", .timeLimit(.minutes(20)))
struct StreamTests {
    /// A server that a test drives by hand: what came in, and what goes out when the test says so.
    private final class HandServer: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        struct State {
            var channel: (any Channel)?
            var received: [UInt8] = []
        }
        let state = Mutex(State())
        private let arrivals: AsyncStream<Int>.Continuation
        let counts: AsyncStream<Int>

        init() { (counts, arrivals) = AsyncStream<Int>.makeStream() }

        func channelActive(context: ChannelHandlerContext) {
            state.withLock { $0.channel = context.channel }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            let count = state.withLock { state in
                state.received += bytes
                return state.received.count
            }
            arrivals.yield(count)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        /// Waits until `count` bytes have come.
        func received(_ count: Int) async -> [UInt8] {
            if state.withLock({ $0.received.count }) >= count {
                return state.withLock { $0.received }
            }
            for await now in counts where now >= count { break }
            return state.withLock { $0.received }
        }

        func send(_ text: String) async throws {
            let channel = try #require(state.withLock { $0.channel })
            try await channel.writeAndFlush(ByteBuffer(string: text)).get()
        }
    }

    private func start(_ hand: HandServer) async throws -> (any Channel, Upstream) {
        let channel = try await ServerBootstrap(group: Bench.group)
            .childChannelInitializer { $0.pipeline.addHandler(hand) }
            .bind(host: "127.0.0.1", port: 0).get()
        return (channel, Upstream(host: "127.0.0.1", port: channel.localAddress?.port ?? 0))
    }

    @Test("each event of a stream reaches the client before the next one is sent")
    func events() async throws {
        let hand = HandServer()
        let (listener, address) = try await start(hand)
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        let outcome = try await Bench.record(address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            let request = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"
            try await client.send(request)
            _ = await hand.received(request.utf8.count)
            var expected = head
            try await hand.send(head)
            await client.read(upTo: expected.utf8.count)
            // Nothing more is sent until this has come: a proxy that waits for more would hang here.
            for number in 0..<20 {
                let chunk = "a\r\ndata: \(10 + number)\n\n\r\n"
                expected += chunk
                try await hand.send(chunk)
                await client.read(upTo: expected.utf8.count)
                #expect(client.text == expected)
            }
            try await hand.send("0\r\n\r\n")
            await client.read(upTo: expected.utf8.count + 5)
            await client.close()
        }
        let exchange = try #require(outcome.exchanges.first)
        #expect(exchange.endedAfter > exchange.firstByteAfter)
        #expect(exchange.response.starts(with: head.utf8))
        try await listener.close().get()
    }

    @Test("a client that waits for 100 Continue gets it before it sends its body")
    func continues() async throws {
        let hand = HandServer()
        let (listener, address) = try await start(hand)
        let head = "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        let interim = "HTTP/1.1 100 Continue\r\n\r\n"
        let final = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        let outcome = try await Bench.record(address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(head)
            #expect(await hand.received(head.utf8.count) == Array(head.utf8))
            try await hand.send(interim)
            await client.read(upTo: interim.utf8.count)
            #expect(client.text == interim)
            try await client.send("hello")
            #expect(await hand.received(head.utf8.count + 5) == Array("\(head)hello".utf8))
            try await hand.send(final)
            await client.read(upTo: interim.utf8.count + final.utf8.count)
            await client.close()
        }
        #expect(outcome.exchanges.map(\.request) == [Array("\(head)hello".utf8)])
        #expect(outcome.exchanges.map(\.response) == [Array("\(interim)\(final)".utf8)])
        try await listener.close().get()
    }

    @Test("a connection that changes its protocol passes both ways, and is counted as unsupported")
    func upgrade() async throws {
        let hand = HandServer()
        let (listener, address) = try await start(hand)
        let request = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
        let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
        let outcome = try await Bench.record(address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(request)
            _ = await hand.received(request.utf8.count)
            try await hand.send(answer)
            await client.read(upTo: answer.utf8.count)
            var up = request
            var down = answer
            for number in 0..<5 {
                up += "\u{1}up\(number)\u{0}"
                try await client.send("\u{1}up\(number)\u{0}")
                #expect(await hand.received(up.utf8.count) == Array(up.utf8))
                down += "\u{2}down\(number)"
                try await hand.send("\u{2}down\(number)")
                await client.read(upTo: down.utf8.count)
                #expect(client.text == down)
            }
            await client.close()
        }
        #expect(outcome.exchanges.isEmpty)
        #expect(outcome.recording.counters.losses.unsupported == 1)
        try await listener.close().get()
    }

    @Test("a large body passes whole in both directions and is recorded")
    func large() async throws {
        let size = 12 << 20
        let body = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            for index in 0..<size { unsafe buffer[index] = UInt8(truncatingIfNeeded: index &* 31) }
            count = size
        }
        let reply = Array("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n".utf8) + body
        let server = try await ScriptedServer.start(on: Bench.group) { _ in Reply(pieces: [reply]) }
        let request =
            Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n".utf8) + body
        let outcome = try await Bench.record(server.address) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(request, piece: 1 << 20)
            await client.read(upTo: reply.count)
            #expect(client.received == reply)
            await client.close()
        }
        #expect(server.received == [request])
        #expect(outcome.exchanges.first?.request == request)
        #expect(outcome.exchanges.first?.response == reply)
        #expect(outcome.recording.counters.buffered == 0)
        try await server.stop()
    }

    /// Sends exchanges of 64 KiB that do not shrink, one after the other.
    private static func send(_ count: Int, to address: Upstream) async throws {
        var client = try await RawClient(Bench.group, to: address)
        var generator = SystemRandomNumberGenerator()
        for number in 1...count {
            let body = (0..<(64 << 10)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try await client.send(
                Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
                    + body)
            await client.read(upTo: number * 38)
        }
        await client.close()
    }

    @Test("a recording at its maximum size passes traffic on and counts what it does not keep")
    func maximum() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            Reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let outcome = try await Bench.record(server.address) {
            $0.maximumSize = 300 << 10
        } _: {
            _, addresses in
            try await Self.send(20, to: addresses.listen)
        }
        let losses = outcome.recording.counters.losses
        #expect(losses.seen == 20 && losses.isBalanced)
        #expect(losses.skipped > 5 && losses.whole == outcome.exchanges.count, "\(losses)")
        #expect(losses.reasons["the recording has its maximum size"] == losses.skipped)
        try await server.stop()
    }

    @Test("journals that are full are put aside whole, and together hold every exchange once")
    func rotation() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            Reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let parts = Mutex<[[Exchange]]>([])
        let outcome = try await Bench.record(server.address) { configuration in
            configuration.rotation = .init(size: 300 << 10) { path in
                let found = (try? Bench.exchanges(in: path)) ?? []
                parts.withLock { $0.append(found) }
            }
        } _: { _, addresses in
            try await Self.send(20, to: addresses.listen)
        }
        let aside = parts.withLock { $0 }
        #expect(aside.count >= 2 && aside.allSatisfy { !$0.isEmpty })
        let ids = aside.flatMap { $0 }.map(\.id) + outcome.exchanges.map(\.id)
        #expect(ids.count == 20 && Set(ids).count == 20)
        #expect(outcome.recording.recorded == 20)
        try await server.stop()
    }
}
