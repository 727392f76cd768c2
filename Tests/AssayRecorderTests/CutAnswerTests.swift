import AssayCapture
import AssayCore
import AssaySystem
import NIOCore
import SystemPackage
import Testing

@testable import AssayRecorder

/// Connections that end otherwise than by the service's own end, or go on unseen.
@Suite("answers that are cut, and traffic that is not followed")
struct CutAnswerTests {
    @Test("an answer that ends with the connection is whole only by the service's own end")
    func pairing() {
        let get = Array("GET / HTTP/1.0\r\n\r\n".utf8)
        let part = Array("HTTP/1.0 200 OK\r\n\r\npart".utf8)
        for isWhole in [true, false] {
            let budget = RecordingBudget(limit: 1 << 20)
            var pairing = MessagePairing(messageLimit: 1 << 20, budget: budget)
            _ = pairing.request(get[...], at: 1)
            _ = pairing.response(part[...], at: 2)
            let events = isWhole ? pairing.responseEnded(at: 3) : pairing.connectionLost()
            #expect(events.count == 1)
            switch events.first {
            case .finished(_, let exchange)?: #expect(isWhole && exchange.response == part)
            case .lost(_, let loss)?: #expect(!isWhole && loss == .cutShort)
            default: #expect(Bool(false), "\(events)")
            }
            #expect(isWhole || budget.count == 0)
        }
    }

    @Test("an answer that the recorder itself cuts at its end is counted as truncated")
    func aborted() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            // The connection stays open, as for a stream that goes on.
            Reply("HTTP/1.0 200 OK\r\n\r\n", "part one")
        }
        let outcome = try await Bench.record(server.address) {
            $0.drainTimeout = .milliseconds(1)
        } _: { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            await client.read(upTo: 27)
        }
        let losses = outcome.recording.counters.losses
        #expect(outcome.exchanges.isEmpty && losses.truncated == 1)
        #expect(losses.reasons == ["the connection ended in the middle": 1])
        try await server.stop()
    }

    @Test("a call is no exchange's while a connection goes on that is not followed")
    func untracked() async throws {
        let store = try await Bench.startStore()
        let caller = Caller()
        let server = try await ScriptedServer.start(on: Bench.group) { head in
            if head.path == "/upgrade" {
                let reply = Reply("HTTP/1.1 101 Switching Protocols\r\n\r\n")
                return Bench.group.any().makeSucceededFuture(reply)
            }
            return caller.call(traceparent: head["traceparent"])
        }
        let outcome = try await Bench.record(
            server.address, beside: store.address, calledBy: caller
        ) { recorder, addresses in
            func ask(_ path: String) async throws {
                var client = try await RawClient(Bench.group, to: addresses.listen)
                try await RecordingTests.exchange(&client, path)
                await client.close()
            }
            var other = try await RawClient(Bench.group, to: addresses.listen)
            try await other.send("GET /upgrade HTTP/1.1\r\nHost: a\r\n\r\n")
            await other.read(upTo: 36)
            try await ask("/one")
            await other.close()
            while recorder.counters.openConnections > 0 { await Task.yield() }
            try await ask("/two")
        }
        let calls = Dictionary(
            uniqueKeysWithValues: outcome.exchanges.map { ($0.route, $0.egress.count) })
        #expect(calls == ["GET /one": 0, "GET /two": 1])
        #expect(outcome.recording.counters.egressUnassigned == 1)
        try await server.stop()
        try await store.stop()
    }

    @Test("an exchange that is kept is counted once, though the journal cannot be rotated")
    func rotation() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let inner = directory.path.appending("inner")
        try FileSystem.makeDirectory(inner)
        let journal = inner.appending("journal")
        let address = Upstream(host: "127.0.0.1", port: 0)
        var configuration = RecorderConfiguration(
            listen: address, upstream: address, journal: journal)
        configuration.rotation = .init(size: 0) { _ in }
        let state = RecorderState(bufferLimit: 1 << 20)
        let sink = try JournalSink(configuration, state: state)
        // What is open can be written to, but not put aside.
        try FileSystem.remove(journal)
        let paired = PairedExchange(
            request: Array("GET / HTTP/1.1\r\n\r\n".utf8),
            response: Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8), startedAt: 1,
            firstByteAt: 2, endedAt: 3, reserved: 0)
        sink.submit(paired, calls: [])
        #expect(await sink.finish() == 1)
        let losses = state.snapshot.losses
        #expect(losses.seen == 1 && losses.whole == 1, "\(losses)")
        #expect(state.snapshot.journalFailure != nil)
    }
}
