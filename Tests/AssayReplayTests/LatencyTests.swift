import AssayEvidence
import Testing

@testable import AssayReplay

@Suite("latency")
struct LatencyTests {
    @Test("corrected latencies count from the intended start, plain ones from the send")
    func recorder() {
        var recorder = LatencyRecorder()
        for number in 0..<100 {
            // Each takes 1 ms; the last ten are sent 100 ms late.
            let intended = Int64(number) * 10_000_000
            let sent = intended + (number < 90 ? 0 : 100_000_000)
            recorder.add(
                exchange: "e\(number)", number: number, intended: intended, sent: sent,
                ended: sent + 1_000_000)
        }
        let latency = recorder.latency(void: nil)
        func isNear(_ value: Int64?, _ wanted: Int64) -> Bool {
            value.map { abs($0 - wanted) <= wanted / 500 } ?? false
        }
        #expect(latency.count == 100)
        #expect(isNear(latency.quantiles["p50"], 1_000_000))
        #expect(isNear(latency.quantiles["p90"], 1_000_000))
        #expect(isNear(latency.quantiles["p99"], 101_000_000))
        #expect(isNear(latency.quantiles["max"], 101_000_000))
        #expect(isNear(latency.fromSend["p99"], 1_000_000))
        #expect(
            latency.sample
                == Array(repeating: 1000, count: 90) + Array(repeating: 101_000, count: 10))
    }

    @Test("a driver that falls behind voids latency and says by how much")
    func late() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(200))
        let plan = fixture.plan([PythonService.arm()]) {
            $0.pacing = .rate(100_000)
            $0.concurrency = 1
        }
        let evidence = try await fixture.run(plan).evidence
        let latency = try #require(evidence.latency["candidate"])
        #expect(latency.void?.hasPrefix("requests were sent late: the 99th percentile is") == true)
        #expect(latency.void?.hasSuffix("above 5 ms") == true)
        let (corrected, plain) = (latency.quantiles["p99"] ?? 0, latency.fromSend["p99"] ?? 0)
        #expect(corrected > plain)
        #expect(evidence.sending?.lateness["p99"] ?? 0 > 5_000_000)
    }
}
