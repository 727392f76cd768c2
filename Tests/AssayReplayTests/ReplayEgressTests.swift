import AssayCapture
import AssayCore
import AssayEvidence
import AssaySystem
import SystemPackage
import Testing

@testable import AssayReplay

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
        // What would answer it is told, so that it can be copied.
        #expect(evidence.misses.count == 5)
        #expect(
            evidence.misses.first
                == #"{"name":"features","request":{"target":"/features?version=2&id=0"},"response":{"json":{},"status":200}}"#
        )
        #expect(evidence.notes.contains { $0.contains("--egress-answers FILE") })
    }

    /// A file that answers the calls of version 2 for the first `count` rows, and a call that nobody
    /// makes.
    private func answers(
        _ count: Int, in fixture: borrowing ReplayFixture, named name: String = "answers.jsonl"
    ) throws -> ReplayPlan.SuppliedFile {
        let lines = (0..<count).map { number in
            #"{"name": "features", "request": {"target": "/features?version=2&id=\#(number)"}, "response": {"status": 200, "json": {"row": \#(number)}}}"#
        }
        let unused =
            #"{"name": "features", "request": {"target": "/never"}, "response": {"status": 200}}"#
        let bytes = Array((lines + [unused]).joined(separator: "\n").utf8)
        let path = fixture.directory.path.appending(name)
        try FileSystem.replace(path, with: bytes)
        return ReplayPlan.SuppliedFile(path: path, digest: Digest(of: bytes))
    }

    private let versionTwo = ["ask=/features?version=2&id="]

    @Test(
        "a call that is rightly new is answered from a file, counted, and still a finding",
        arguments: ReplayPlan.Arrangement.allCases)
    func supplied(arrangement: ReplayPlan.Arrangement) async throws {
        let fixture = try ReplayFixture(recordings(traces: true))
        let file = try answers(18, in: fixture)
        let plan = fixture.plan(arms(versionTwo)) {
            $0.supplied = file
            $0.arrangement = arrangement
        }
        #expect(try ReplayPlan.parse(plan.encode(), name: "plan") == plan)
        let (evidence, rows) = try await fixture.run(plan)
        #expect(evidence.ledger.unmatched == 2 && evidence.ledger.compared == 18)
        let supplied = try #require(evidence.supplied)
        #expect(supplied.digest == file.digest && supplied.lines == 19)
        #expect(supplied.answered == ["candidate": 18])
        #expect(supplied.unused == [19...19])
        #expect(
            evidence.notes.contains(
                "18 calls of candidate were answered from answers.jsonl "
                    + "(\(file.digest.short)), not from the recording"))
        #expect(evidence.notes.contains("line 19 of answers.jsonl was never asked for"))
        #expect(evidence.misses.count == 2)
        // The answers do not differ, what was asked for them does.
        for row in rows where row.arms["candidate"]?.unmatchedEgress == 0 {
            #expect(row.differences[.effect]?.map(\.path) == ["egress:features"])
        }
        #expect(try Evidence.parse(evidence.encode(), name: "evidence") == evidence)
    }

    @Test("recorded answers win over supplied ones")
    func recordedWins() async throws {
        let fixture = try ReplayFixture(recordings(traces: true))
        let line =
            #"{"name": "features", "request": {"target": "/features?id=3"}, "response": {"status": 500}}"#
        let path = fixture.directory.path.appending("answers.jsonl")
        try FileSystem.replace(path, with: Array(line.utf8))
        let plan = fixture.plan(arms()) {
            $0.supplied = ReplayPlan.SuppliedFile(path: path, digest: Digest(of: line.utf8))
        }
        let (evidence, _) = try await fixture.run(plan)
        #expect(evidence.groups.isEmpty && evidence.ledger.compared == 20)
        #expect(evidence.supplied?.answered == [:])
        #expect(
            evidence.notes.contains { $0.hasPrefix("no call was answered from answers.jsonl") })
        #expect(evidence.notes.contains("line 1 of answers.jsonl was never asked for"))
    }

    @Test("supplied answers are counted over parts and shards as over the whole")
    func suppliedParts() async throws {
        let fixture = try ReplayFixture(recordings(traces: true))
        let file = try answers(18, in: fixture)
        func plan(_ change: (inout ReplayPlan) -> Void = { _ in }) -> ReplayPlan {
            fixture.plan(arms(versionTwo)) {
                $0.supplied = file
                $0.confirmation = .init(processes: 0)
                change(&$0)
            }
        }
        let whole = try await fixture.run(plan()).evidence
        let first = try await fixture.run(plan { $0.maximumExchanges = 7 }).evidence
        #expect(first.supplied?.answered == ["candidate": 7])
        #expect(!first.notes.contains { $0.contains("never asked for") })
        let second = try await fixture.run(plan { $0.parts = [first.digest] }).evidence
        #expect(second.supplied == whole.supplied && second.misses == whole.misses)
        var shards: [Evidence] = []
        for index in 1...2 {
            shards.append(
                try await fixture.run(plan { $0.shard = ReplayShard(index: index, count: 2) })
                    .evidence)
        }
        #expect(shards.allSatisfy { $0.supplied != whole.supplied })
        let merged = try await fixture.run(plan { $0.parts = shards.map(\.digest) }).evidence
        #expect(merged.supplied == whole.supplied && merged.misses == whole.misses)
        #expect(merged.notes == whole.notes)
        // With other answers neither goes on.
        let other = try answers(17, in: fixture, named: "other.jsonl")
        for supplied in [other, nil] {
            do throws(AssayError) {
                let mixed = plan {
                    $0.parts = [first.digest]
                    $0.supplied = supplied
                }
                _ = try await ReplayEngine.run(mixed, store: fixture.store, environment: [:]) { _ in
                }
                Issue.record("evidence of other answers was taken")
            } catch {
                #expect(error.code == .conflict, "\(error)")
            }
        }
    }

    @Test("a file that was changed since, and one that nobody can use, are refused")
    func suppliedRefused() async throws {
        let fixture = try ReplayFixture(recordings(traces: true))
        var file = try answers(1, in: fixture)
        let unused = fixture.plan([PythonService.arm()]) { $0.supplied = file }
        #expect(throws: AssayError.self) { try unused.validate() }
        file.digest = Digest(of: [1])
        let plan = fixture.plan(arms()) { $0.supplied = file }
        do throws(AssayError) {
            _ = try await ReplayEngine.run(plan, store: fixture.store, environment: [:]) { _ in }
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .conflict && error.message.contains("was changed"))
        }
    }
}
