import AssayCapture
import AssayCore
import Testing

@testable import AssayRecorder

@Suite("pairing requests with answers")
struct MessagePairingTests {
    private let get = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    private let post = Array("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody".utf8)
    private let ok = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)

    private func pairing(message: Int = 1 << 20, buffer: Int = 1 << 20) -> (
        MessagePairing, RecordingBudget
    ) {
        let budget = RecordingBudget(limit: buffer)
        return (MessagePairing(messageLimit: message, budget: budget), budget)
    }

    private func finished(_ events: [PairingEvent]) -> [PairedExchange] {
        events.compactMap { if case .finished(_, let exchange) = $0 { exchange } else { nil } }
    }

    private func losses(_ events: [PairingEvent]) -> [Loss] {
        events.compactMap { if case .lost(_, let loss) = $0 { loss } else { nil } }
    }

    @Test("times are those of the first request byte, the first and the last answer byte")
    func times() {
        var (pairing, budget) = pairing()
        _ = pairing.request(get[..<5], at: 10)
        _ = pairing.request(get[5...], at: 20)
        _ = pairing.response(ok[..<5], at: 30)
        let exchange = finished(pairing.response(ok[5...], at: 40)).first
        #expect(exchange?.startedAt == 10)
        #expect(exchange?.firstByteAt == 30)
        #expect(exchange?.endedAt == 40)
        #expect(budget.count == exchange?.reserved)
        #expect(pairing.isIdle)
    }

    @Test("every way to cut both streams gives the same exchanges")
    func cuts() {
        let requests = get + post + get
        let responses = ok + ok + ok
        for cut in 0...requests.count {
            for other in stride(from: 0, through: responses.count, by: 3) {
                var (pairing, _) = pairing()
                var events = pairing.request(requests[..<cut], at: 1)
                events += pairing.request(requests[cut...], at: 2)
                events += pairing.response(responses[..<other], at: 3)
                events += pairing.response(responses[other...], at: 4)
                #expect(finished(events).map(\.request) == [get, post, get])
                #expect(finished(events).map(\.response) == [ok, ok, ok])
            }
        }
    }

    @Test("an answer that comes before its request is whole waits for it")
    func early() {
        var (pairing, _) = pairing()
        _ = pairing.request(post[..<(post.count - 2)], at: 1)
        #expect(finished(pairing.response(ok[...], at: 2)).isEmpty)
        #expect(
            finished(pairing.request(post[(post.count - 2)...], at: 3)).map(\.request) == [post])
    }

    @Test("every truncation of the answer is a loss, and holds no bytes afterwards")
    func truncations() {
        for length in 0..<ok.count {
            var (pairing, budget) = pairing()
            _ = pairing.request(get[...], at: 1)
            _ = pairing.response(ok[..<length], at: 2)
            #expect(losses(pairing.responseEnded(at: 3)) == [length == 0 ? .unanswered : .cutShort])
            #expect(budget.count == 0)
        }
        for length in 1..<post.count {
            var (pairing, budget) = pairing()
            _ = pairing.request(post[..<length], at: 1)
            #expect(losses(pairing.responseEnded(at: 3)) == [.cutShort])
            #expect(budget.count == 0)
        }
    }

    @Test("a message over the limit costs only its own recording")
    func limit() {
        var (pairing, budget) = pairing(message: 45)
        let large =
            Array("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n".utf8)
            + [UInt8](repeating: 65, count: 50)
        _ = pairing.request((get + get)[...], at: 1)
        let events = pairing.response((large + ok)[...], at: 2)
        #expect(losses(events) == [.tooLarge])
        #expect(finished(events).map(\.response) == [ok])
        #expect(budget.count == finished(events).reduce(0) { $0 + $1.reserved })
    }

    @Test("without room in the buffer the exchange is dropped and counted")
    func behind() {
        var (pairing, budget) = pairing(buffer: get.count + 10)
        _ = pairing.request(get[...], at: 1)
        #expect(losses(pairing.response(ok[...], at: 2)) == [.behind])
        #expect(budget.count == 0)
        #expect(!pairing.isOff)
    }

    @Test("ambiguous framing, answers to nothing and upgrades end the recording of a connection")
    func unsupported() {
        let cases: [(request: String, response: String)] = [
            ("GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", ""),
            ("", "HTTP/1.1 200 OK\r\n\r\n"),
            ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\nraw"),
            ("CONNECT a:1 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nraw"),
            ("GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"),
        ]
        for (request, response) in cases {
            var (pairing, budget) = pairing()
            var events = pairing.request(Array(request.utf8)[...], at: 1)
            events += pairing.response(Array(response.utf8)[...], at: 2)
            #expect(losses(events).count == 1, "\(request)")
            #expect(losses(events).allSatisfy { $0.count == \.unsupported })
            #expect(pairing.isOff)
            #expect(pairing.request(get[...], at: 3).isEmpty)
            #expect(pairing.responseEnded(at: 4).isEmpty)
            #expect(budget.count == 0)
        }
    }

    @Test("line breaks after the last request are no request")
    func lineBreaks() {
        var (pairing, _) = pairing()
        _ = pairing.request((get + [0x0D, 0x0A])[...], at: 1)
        #expect(finished(pairing.response(ok[...], at: 2)).count == 1)
        #expect(losses(pairing.responseEnded(at: 3)).isEmpty)
    }

    @Test("calls find their exchange by trace, else as the only one in flight")
    func owners() {
        let inFlight = InFlightExchanges()
        #expect(inFlight.owner(trace: nil) == nil)
        let first = inFlight.begin(trace: "a")
        #expect(inFlight.owner(trace: "a") == first)
        #expect(inFlight.owner(trace: nil) == first)
        #expect(inFlight.owner(trace: "b") == nil)
        let second = inFlight.begin(trace: nil)
        #expect(inFlight.owner(trace: nil) == nil)
        #expect(inFlight.owner(trace: "a") == first)
        #expect(inFlight.end(first).isEmpty)
        #expect(inFlight.owner(trace: "b") == second)
        _ = inFlight.begin(trace: "c")
        _ = inFlight.begin(trace: "c")
        #expect(inFlight.owner(trace: "c") == nil)
    }
}
