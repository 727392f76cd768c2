import AssayCapture
import AssayEvidence
import AssayReplay
import Testing

@Suite("a replay with dependencies", .serialized)
struct ReplayEgressTests {
    private let egress = [ArmPlan.Egress(name: "features", variable: "FEATURES_URL")]

    private func recordings(traces: Bool) -> [ReplayFixture.Recording] {
        (0..<20).map { number in
            let target = "/predict/\(number)"
            return ReplayFixture.Recording(
                target: target,
                answer: ReplayFixture.answer(target, more: #", "features": {"row": \#(number)}"#),
                session: "s\(number)",
                trace: traces ? String(repeating: "0", count: 30) + String(number + 10) : nil,
                egress: [(target: "/features?id=\(number)", answer: #"{"row": \#(number)}"#)])
        }
    }

    private func arms(_ candidate: [String] = [], all options: [String] = []) -> [ArmPlan] {
        let common = ["egress=FEATURES_URL"] + options
        return [
            PythonService.arm(.baseline, egress: egress, options: common),
            PythonService.arm(.candidate, egress: egress, options: common + candidate),
        ]
    }

    @Test(
        "calls are answered from the capture, by trace id or by their key",
        arguments: [true, false])
    func answered(traces: Bool) async throws {
        let fixture = try ReplayFixture(recordings(traces: traces))
        let (evidence, rows) = try await fixture.run(fixture.plan(arms()))
        #expect(evidence.groups.isEmpty)
        #expect(evidence.ledger.compared == 20)
        #expect(rows.allSatisfy { $0.arms.values.allSatisfy { $0.unmatchedEgress == 0 } })
    }

    @Test("dependencies take the time that they took when recorded, if that is asked for")
    func latency() async throws {
        let fixture = try ReplayFixture(
            recordings(traces: true).map { recording in
                var recording = recording
                recording.egressNanoseconds = 40_000_000
                return recording
            })
        for latency in ReplayPlan.EgressLatency.allCases {
            let plan = fixture.plan(arms()) {
                $0.egressLatency = latency
                $0.pacing = .rate(20)
            }
            let (evidence, _) = try await fixture.run(plan)
            #expect(evidence.groups.isEmpty)
            let candidate = try #require(evidence.latency["candidate"])
            let shortest = try #require(candidate.fromSend["p50"])
            switch latency {
            case .recorded:
                #expect(shortest >= 40_000_000)
                #expect(candidate.void?.contains("dependencies") != true)
            case .none:
                #expect(candidate.void?.contains("dependencies were answered at once") == true)
            }
        }
    }

    @Test(
        "a call whose secret the recording masked finds its answer, and none of the secret is kept")
    func masked() async throws {
        let fixture = try ReplayFixture(
            recordings(traces: true).map { recording in
                var recording = recording
                recording.egress = recording.egress.map { call in
                    let id = call.target.split(separator: "=").last ?? ""
                    return ("/features?api_key=redacted&id=\(id)", call.answer)
                }
                return recording
            })
        let ask = ["ask=/features?api_key=hunter2&id="]
        let plan = fixture.plan(arms(all: ask)) { $0.redaction = RedactionRules() }
        let (evidence, _) = try await fixture.run(plan)
        #expect(evidence.ledger.compared == 20 && evidence.groups.isEmpty)
        let (blind, _) = try await fixture.run(fixture.plan(arms(all: ask)))
        #expect(blind.ledger.unmatched == 20)
        // A call that nothing answers is told without its secret.
        let missing = fixture.plan(arms(all: ["ask=/features?v=2&api_key=hunter2&id="])) {
            $0.redaction = RedactionRules()
        }
        let (missed, _) = try await fixture.run(missing)
        #expect(missed.ledger.unmatched == 20)
        for line in try fixture.lines(missed.outcomes) {
            let text = String(decoding: line, as: UTF8.self)
            #expect(!text.contains("hunter2") && text.contains("api_key=redacted"))
        }
    }

    @Test("a call that was not recorded makes the exchange unmatched and is a finding of its own")
    func unmatched() async throws {
        let fixture = try ReplayFixture(recordings(traces: true))
        let (evidence, rows) = try await fixture.run(
            fixture.plan(arms(["ask=/features?version=2&id="])))
        #expect(evidence.ledger.unmatched == 20)
        #expect(evidence.ledger.compared == 0)
        #expect(evidence.ledger.imbalance == nil)
        for row in rows {
            #expect(row.arms["candidate"]?.unmatchedEgress == 1)
            #expect(row.arms["baseline"]?.unmatchedEgress == 0)
            let difference = row.differences[.effect]?.first
            #expect(difference?.path == "egress:features")
            #expect(difference?.kind == .egress)
            #expect(difference?.new?.hasPrefix("GET /features?version=2&id=") == true)
            #expect(row.differences[.effect]?.count == 1)
        }
        let effect = try #require(evidence.groups.first { $0.comparison == .effect })
        #expect(effect.confirmed == 20)
    }
}
