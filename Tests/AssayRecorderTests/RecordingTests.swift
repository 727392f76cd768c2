import AssayCore
import AssayRecorder
import AssaySystem
import NIOCore
import NIOPosix
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("what is recorded", .timeLimit(.minutes(20)))
struct RecordingTests {
    static func exchange(
        _ client: inout RawClient, _ target: String, _ headers: String = ""
    ) async throws {
        let before = client.received.count
        try await client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n")
        await client.read(upTo: before + 38)
    }

    private static let empty = Reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    @Test("rules, the bundle's stamp and redaction are applied before anything is written")
    func rules() async throws {
        let stamped = Digest(of: "stamped".utf8)
        let configured = Digest(of: "configured".utf8)
        let server = try await ScriptedServer.start(on: Bench.group) { head in
            head.path == "/stamped"
                ? Reply(
                    "HTTP/1.1 200 OK\r\nX-Assay-Bundle: \(stamped.hex)\r\nContent-Length: 0\r\n\r\n"
                )
                : Self.empty
        }
        let outcome = try await Bench.record(server.address) { configuration in
            configuration.rules.session = .header("x-user")
            configuration.bundle = configured
            configuration.prepare = { (exchange) throws(AssayError) in
                exchange.label = "seen"
                return []
            }
        } _: { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await Self.exchange(&client, "/plain", "X-User: ann\r\n")
            try await client.send("GET /stamped HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.read(upTo: client.received.count + 100)
            await client.close()
        }
        #expect(outcome.exchanges.map(\.bundle) == [configured, stamped])
        #expect(outcome.exchanges.map(\.session) == ["ann", nil])
        #expect(outcome.exchanges.map(\.label) == ["seen", "seen"])
        try await server.stop()
    }

    @Test("bodies that cannot be redacted are noted, and what cannot be redacted is not written")
    func unredacted() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            Reply(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{hush"
            )
        }
        let redactor = Redactor(
            RedactionRules([.init(.pointer(["secret"]), .drop)]),
            key: [UInt8](repeating: 7, count: 32))
        let outcome = try await Bench.record(server.address) { configuration in
            configuration.prepare = { (exchange) throws(AssayError) in
                if exchange.route == "GET /refused" { throw AssayError(.limit, "no memory") }
                return try redactor.apply(to: &exchange)
            }
        } _: { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            for target in ["/noted", "/refused"] {
                let before = client.received.count
                try await client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
                await client.read(upTo: before + 74)
            }
            await client.close()
        }
        #expect(outcome.exchanges.map(\.route) == ["GET /noted"])
        #expect(!String(decoding: outcome.exchanges[0].response, as: UTF8.self).contains("hush"))
        let losses = outcome.recording.counters.losses
        #expect(losses.isBalanced && losses.whole == 1 && losses.unsupported == 1)
        #expect(losses.notes.count == 1 && losses.reasons.keys.first?.contains("no memory") == true)
        try await server.stop()
    }

    @Test("a sample keeps all exchanges of a user or none")
    func sample() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in Self.empty }
        let sample = try ExchangeSample(share: 0.3, by: .header("x-user"))
        let outcome = try await Bench.record(server.address) { configuration in
            configuration.sample = sample
            configuration.rules.session = .header("x-user")
        } _: { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            for number in 0..<120 {
                try await Self.exchange(&client, "/", "X-User: u\(number % 40)\r\n")
            }
            await client.close()
        }
        var counts: [String: Int] = [:]
        for exchange in outcome.exchanges { counts[exchange.session ?? "", default: 0] += 1 }
        #expect(counts.values.allSatisfy { $0 == 3 })
        #expect((4...22).contains(counts.count))
        #expect(outcome.recording.counters.losses.skipped == 120 - outcome.exchanges.count)
        #expect(outcome.recording.counters.losses.isBalanced)
        try await server.stop()
    }

    @Test("a call of the service is recorded with the only exchange in flight")
    func egress() async throws {
        let store = try await Bench.startStore()
        let caller = Caller()
        let server = try await ScriptedServer.start(on: Bench.group) { head in
            caller.call(traceparent: head["traceparent"])
        }
        let outcome = try await Bench.record(
            server.address, beside: store.address, calledBy: caller
        ) { _, addresses in
            let egress = try #require(addresses.egress["store"])
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await Self.exchange(&client, "/one")
            await client.close()
            // A call while nothing is in flight belongs to none.
            var alone = try await RawClient(Bench.group, to: egress)
            try await alone.send("GET /alone HTTP/1.1\r\nHost: s\r\n\r\n")
            await alone.read(upTo: 42)
            await alone.close()
        }
        let exchange = try #require(outcome.exchanges.first)
        #expect(exchange.egress.map(\.name) == ["store"])
        #expect(
            exchange.egress.first.map { String(decoding: $0.request, as: UTF8.self) }?.hasPrefix(
                "GET /feature") == true)
        #expect(
            exchange.egress.first.map { String(decoding: $0.response, as: UTF8.self) }?.hasSuffix(
                "feat") == true)
        #expect(
            exchange.egress.allSatisfy {
                0 <= $0.startedAfter && $0.endedAfter <= exchange.endedAfter
            })
        #expect(outcome.recording.counters.egressCalls == 1)
        #expect(outcome.recording.counters.egressUnassigned == 1)
        #expect(outcome.recording.counters.buffered == 0)
        try await server.stop()
        try await store.stop()
    }

    @Test("calls of exchanges in flight at once are told apart by their trace ids")
    func traces() async throws {
        let store = try await ScriptedServer.start(on: Bench.group) { head in
            let text = head["traceparent"] ?? "none"
            return Reply("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        }
        let caller = Caller()
        let barrier = Barrier(count: 2)
        let server = try await ScriptedServer.start(on: Bench.group) { head in
            let trace = head["traceparent"]
            return barrier.wait().flatMap { caller.call(traceparent: trace) }
        }
        let outcome = try await Bench.record(
            server.address, beside: store.address, calledBy: caller
        ) { _, addresses in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for digit in ["a", "b"] {
                    group.addTask {
                        var client = try await RawClient(Bench.group, to: addresses.listen)
                        let trace = "00-\(String(repeating: digit, count: 32))-0123456789abcdef-01"
                        try await Self.exchange(&client, "/\(digit)", "traceparent: \(trace)\r\n")
                        await client.close()
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(outcome.exchanges.count == 2)
        for exchange in outcome.exchanges {
            let digit = String(exchange.route.suffix(1))
            let response = exchange.egress.first.map {
                String(decoding: $0.response, as: UTF8.self)
            }
            #expect(exchange.egress.count == 1)
            #expect(response?.contains("00-\(String(repeating: digit, count: 32))") == true)
        }
        try await server.stop()
        try await store.stop()
    }

    @Test("an exchange in flight at the end is waited for, and one that does not end is counted")
    func draining() async throws {
        let promise = Bench.group.any().makePromise(of: Reply.self)
        let (arrivals, arrive) = AsyncStream<Void>.makeStream()
        let server = try await ScriptedServer.start(on: Bench.group) {
            head -> EventLoopFuture<Reply>? in
            arrive.yield()
            return head.path == "/never" ? nil : promise.futureResult
        }
        let clients = AsyncStream<Task<String, any Error>>.makeStream()
        let outcome = try await Bench.record(server.address) { configuration in
            configuration.drainTimeout = .seconds(5)
        } _: { _, addresses in
            var iterator = arrivals.makeAsyncIterator()
            let never = try await RawClient(Bench.group, to: addresses.listen)
            try await never.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = await iterator.next()
            let client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send("GET /soon HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = await iterator.next()
            let reading = client
            clients.continuation.yield(
                Task {
                    var reading = reading
                    await reading.readToEnd()
                    return reading.text
                })
            clients.continuation.finish()
            Bench.group.any().scheduleTask(in: .milliseconds(50)) { promise.succeed(Self.empty) }
        }
        for await task in clients.stream { #expect(try await task.value.hasPrefix("HTTP/1.1 200")) }
        #expect(outcome.exchanges.map(\.route) == ["GET /soon"])
        #expect(outcome.recording.counters.losses.truncated == 1)
        try await server.stop()
    }

    @Test("a journal that is cut short keeps its whole frames and is continued behind them")
    func truncatedJournal() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let journal = directory.path.appending("journal")
        let server = try await ScriptedServer.start(on: Bench.group) { _ in Self.empty }
        for _ in 0..<2 {
            _ = try await Bench.record(server.address) {
                $0.journal = journal
            } _: { _, addresses in
                var client = try await RawClient(Bench.group, to: addresses.listen)
                try await Self.exchange(&client, "/")
                await client.close()
            }
        }
        let whole = try FileSystem.read(journal)
        #expect(try Bench.exchanges(in: journal).count == 2)
        // What a killed recorder leaves: the second frame is torn.
        try FileSystem.replace(journal, with: Array(whole.dropLast(5)))
        #expect(throws: AssayError.self) { try Bench.exchanges(in: journal) }
        _ = try await Bench.record(server.address) {
            $0.journal = journal
        } _: { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await Self.exchange(&client, "/after")
            await client.close()
        }
        #expect(try Bench.exchanges(in: journal).map(\.route) == ["GET /", "GET /after"])
        try await server.stop()
    }

    @Test("what a killed recorder had lost stays counted, and that it was killed is noted")
    func ledger() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let journal = directory.path.appending("journal")
        let server = try await ScriptedServer.start(on: Bench.group) { _ in Self.empty }
        func run() async throws -> CaptureLosses {
            try await Bench.record(server.address) {
                $0.journal = journal
                $0.maximumSize = 1
            } _: { _, addresses in
                var client = try await RawClient(Bench.group, to: addresses.listen)
                try await Self.exchange(&client, "/")
                await client.close()
            }.recording.counters.losses
        }
        #expect(try await run().skipped == 0)
        let after = try await run()
        #expect(after.skipped == 1 && after.whole == 0 && after.notes.isEmpty)
        // As a recorder leaves it that is killed: the counts of a second ago, and not the end.
        let ledger = FilePath("\(journal).ledger")
        let text = String(decoding: try FileSystem.read(ledger), as: UTF8.self)
        #expect(text.contains("\"finished\":true"))
        try FileSystem.replace(
            ledger,
            with: Array(text.replacing("\"finished\":true", with: "\"finished\":false").utf8))
        let killed = try await run()
        #expect(killed.skipped == 2 && killed.isBalanced && killed.notes.values.reduce(0, +) == 1)
        try await server.stop()
    }

    @Test("addresses that others reach and paths are refused in words")
    func refused() throws {
        let local = Upstream(host: "127.0.0.1", port: 1)
        func recorder(_ host: String) throws {
            _ = try Recorder(
                RecorderConfiguration(
                    listen: Upstream(host: host, port: 0), upstream: local, journal: "/tmp/j"))
        }
        try recorder("localhost")
        try recorder("::1")
        try recorder("127.8.0.1")
        for host in ["0.0.0.0", "::", "192.168.1.1", "127.0.0.1.example.com", "127.0.0.256"] {
            #expect(throws: AssayError.self) { try recorder(host) }
        }
        #expect(try Upstream(url: "http://a.example:81/") == Upstream(host: "a.example", port: 81))
        #expect(try Upstream(url: "http://[::1]:81") == Upstream(host: "::1", port: 81))
        #expect(try Upstream(url: "http://a").port == 80)
        #expect(
            try Upstream(url: "https://a/") == Upstream(host: "a", port: 443, isTLS: true))
        #expect(try Upstream.address("[::1]:9") == Upstream(host: "::1", port: 9))
        for url in [
            "ftp://a", "https://a/b", "a:80", "http://a/b", "http://", "http://a:x", "http://u@a",
            "http://a:99999",
        ] {
            #expect(throws: AssayError.self, "\(url)") { try Upstream(url: url) }
        }
        #expect(throws: AssayError.self) { try Upstream.address("localhost") }
        #expect(throws: AssayError.self) { try ExchangeSample(share: 1.5) }
    }

    @Test("a port that is taken is an error that names it")
    func portTaken() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in Self.empty }
        let taken = server.address
        await #expect(throws: AssayError.self) {
            _ = try await Bench.record(taken) {
                $0.listen = taken
            } _: { _, _ in
            }
        }
        try await server.stop()
    }
}
