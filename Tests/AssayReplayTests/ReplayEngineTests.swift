import AssayCapture
import AssayCore
import AssayEvidence
import AssayReplay
import AssayStore
import AssaySystem
import Synchronization
import SystemPackage
import Testing

@Suite("a replay from end to end", .serialized)
struct ReplayEngineTests {
    private func three(_ candidate: [String], all options: [String] = []) -> [ArmPlan] {
        [
            PythonService.arm(.baseline, options: options),
            PythonService.arm(.repeat, options: options),
            PythonService.arm(.candidate, options: candidate),
        ]
    }

    @Test("equal bundles that reproduce production show nothing, and every count adds up")
    func equal() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(60))
        let phases = Mutex<Set<ReplayProgress.Phase>>([])
        let plan = fixture.plan(three([]))
        let evidence = try await ReplayEngine.run(plan, store: fixture.store, environment: [:]) {
            let phase = $0.phase
            _ = phases.withLock { $0.insert(phase) }
        }
        let rows = try fixture.rows(evidence)
        #expect(evidence.groups.isEmpty)
        #expect(evidence.ledger.imbalance == nil)
        #expect(evidence.ledger.compared == 60)
        #expect(evidence.arms.map(\.name) == ["recorded", "baseline", "repeat", "candidate"])
        #expect(rows.count == 60)
        #expect(rows.map(\.exchange) == rows.map(\.exchange).sorted())
        for row in rows {
            #expect(row.identity == .sameBundle)
            #expect(Set(row.differences.keys) == [.identity, .noise, .effect, .production])
            #expect(row.arms.values.allSatisfy { $0.status == 200 && !$0.isError })
        }
        #expect(evidence.latency["candidate"]?.count == 60)
        #expect(evidence.latency["candidate"]?.void?.contains("--speed max") == true)
        #expect(try fixture.store.read(evidence.digest) == evidence.encode())
        #expect(phases.withLock { $0 } == [.starting, .replaying, .finishing])
        #expect(try FileSystem.names(in: plan.runs).isEmpty)
    }

    @Test("two runs with the same inputs give the same outcome bytes")
    func deterministic() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(30))
        let plan = fixture.plan(three(["score=0.7"]))
        let first = try await fixture.run(plan).evidence
        let second = try await fixture.run(plan).evidence
        #expect(first.outcomes == second.outcomes)
        #expect(first.examples == second.examples)
        #expect(first.groups == second.groups)
    }

    @Test("places of all answers are counted, and rules that name none of them are told")
    func places() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(30))
        let plan = fixture.plan(three(["score=0.7"])) {
            $0.rules = ComparisonRules(rules: [
                .init(pointer: "/scroe", measure: .exact),
                .init(pointer: "/score", measure: .exact),
            ])
        }
        let evidence = try await fixture.run(plan).evidence
        // The recorded answers, the baseline's and the repeat's are the same bytes.
        #expect(
            evidence.places
                == AnswerPlaces(
                    exchanges: 30, values: ["/echo": 60, "/path": 60, "/score": 60]))
        #expect(
            evidence.notes.contains(
                "rule `/scroe` matched no answer of 30; did you mean `/score`?"))
    }

    @Test("a change of the candidate is confirmed by fresh processes, up to the budget")
    func change() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(30))
        let (evidence, rows) = try await fixture.run(fixture.plan(three(["score=0.7"])))
        let effect = try #require(evidence.groups.first { $0.comparison == .effect })
        #expect(effect.path == "/score")
        #expect((effect.count, effect.confirmed, effect.noise, effect.notSent) == (30, 20, 0, 10))
        #expect(rows.filter { $0.confirmations["/score"] == .confirmed }.count == 20)
        #expect(rows.filter { $0.confirmations["/score"] == .notSent }.count == 10)
        #expect(rows.allSatisfy { $0.differences[.identity] == [] && $0.differences[.noise] == [] })
        let examples = try fixture.lines(try #require(evidence.examples))
        #expect(examples.count == 30)
        #expect(String(decoding: examples[0], as: UTF8.self).contains(#"\"score\": 0.7"#))
    }

    @Test("an order that follows the hash seed is noise, never a change")
    func hashSeed() async throws {
        let fixture = try ReplayFixture(
            ReplayFixture.plain(12).map { recording in
                var recording = recording
                recording.bundle = nil
                return recording
            })
        let (evidence, rows) = try await fixture.run(
            fixture.plan(three(["mode=hash-order"], all: ["mode=hash-order"])))
        for group in evidence.groups where group.comparison == .effect {
            #expect(group.confirmed == 0)
            #expect(group.noise == group.count)
        }
        #expect(rows.allSatisfy { $0.identity == .unknownBundle })
        #expect(evidence.groups.contains { $0.comparison == .identity && $0.kind == .added })
    }

    @Test("an answer without a stamp is the bundle's that production had at that time")
    func tenure() async throws {
        let fixture = try ReplayFixture(
            ReplayFixture.plain(6).map { recording in
                var recording = recording
                recording.bundle = nil
                return recording
            })
        // Exchanges are a millisecond apart: two before anything was promoted, two of each bundle.
        let first: Int64 = 1_700_000_000_000_000_000
        let arms = three([])
        let production = try #require(arms[0].bundle)
        let (_, rows) = try await fixture.run(
            fixture.plan(arms) { plan in
                plan.history = [
                    .init(since: first + 2_000_000, bundle: Digest(of: [77])),
                    .init(since: first + 4_000_000, bundle: production),
                ]
            })
        var counts: [ExchangeOutcome.IdentityStanding: Int] = [:]
        for row in rows { counts[row.identity, default: 0] += 1 }
        #expect(counts == [.unknownBundle: 2, .otherBundle: 2, .sameBundle: 2])
    }

    @Test("a value that is random in every answer is noise")
    func random() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(8))
        let (evidence, _) = try await fixture.run(
            fixture.plan(three(["mode=random"], all: ["mode=random"])))
        let effect = try #require(evidence.groups.first { $0.comparison == .effect })
        #expect(effect.path == "/nonce")
        #expect((effect.count, effect.confirmed, effect.noise) == (8, 0, 8))
    }

    @Test("without a baseline the recorded answers take its place, and the evidence says so")
    func firstRelease() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(6))
        let (evidence, rows) = try await fixture.run(
            fixture.plan([PythonService.arm(.candidate, bundle: "baseline", options: ["score=0.9"])]
            ))
        #expect(rows.allSatisfy { Set($0.differences.keys) == [.effect] })
        #expect(rows.allSatisfy { $0.identity == .sameBundle })
        #expect(evidence.groups.map(\.confirmed) == [6])
        #expect(evidence.notes.contains { $0.contains("recorded answers take its place") })
    }

    @Test("a crash is recorded for the exchange that met it, and the arm is started again")
    func crash() async throws {
        var recordings = ReplayFixture.plain(20)
        recordings[7].target = "/predict/crash"
        let fixture = try ReplayFixture(recordings)
        let plan = fixture.plan(three(["mode=crashes"])) {
            $0.concurrency = 1
            $0.confirmation.processes = 0
        }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(rows.filter { $0.arms["candidate"]?.failure == .crashed }.count == 1)
        #expect(rows.filter { $0.arms["candidate"]?.status == 200 }.count == 19)
        #expect(evidence.arms.last?.restarts == 1)
        #expect(evidence.ledger.errored == 1)
        #expect(evidence.ledger.imbalance == nil)
        let effect = try #require(
            evidence.groups.first { $0.comparison == .effect && $0.kind == .status })
        #expect(effect.count == 1)
    }

    @Test("an arm that fails too often ends the replay with its last lines; what was done is kept")
    func tooManyCrashes() async throws {
        var recordings = ReplayFixture.plain(10)
        for number in 5..<10 { recordings[number].target = "/predict/crash" }
        let fixture = try ReplayFixture(recordings)
        let plan = fixture.plan(three(["mode=crashes"])) {
            $0.concurrency = 1
            $0.maximumRestarts = 1
        }
        do throws(AssayError) {
            _ = try await ReplayEngine.run(plan, store: fixture.store, environment: [:]) { _ in }
            Issue.record("the replay did not end")
        } catch {
            #expect(error.code == .service)
            #expect(error.message.contains("candidate exited with code 7 after 1 restarts"))
            #expect(error.message.contains("listening"))
            let hint = try #require(error.hint)
            let digest = try #require(
                try fixture.store.refs(in: "evidence").first { $0.name.contains("/partial-") }?.ref
                    .digest)
            #expect(hint.contains("`assay show \(digest.short)`"))
            let kept = try Evidence.parse(try fixture.store.read(digest), name: "kept")
            #expect(kept.ledger.imbalance == nil)
            #expect(kept.ledger.replayed == 7)
            #expect(kept.ledger.notReplayed == 3)
        }
        #expect(try PythonService.processes(containing: "mode=crashes").isEmpty)
    }

    @Test("a hang, garbage, a closed connection and an answer too large are told apart")
    func failures() async throws {
        var recordings = ReplayFixture.plain(4)
        recordings[1].target = "/predict/hang"
        recordings[2].target = "/predict/garbage"
        let fixture = try ReplayFixture(recordings)
        func outcomes(_ mode: String, _ change: (inout ReplayPlan) -> Void) async throws
            -> [ExchangeOutcome.Failure?]
        {
            let plan = fixture.plan([PythonService.arm(options: ["mode=\(mode)"])]) {
                $0.confirmation.processes = 0
                change(&$0)
            }
            let rows = try await fixture.run(plan).rows
            var found: [ExchangeOutcome.Failure?] = []
            for exchange in try fixture.capture.outline() {
                found.append(rows.first { $0.exchange == exchange.id }?.arms["candidate"]?.failure)
            }
            return found
        }
        #expect(
            try await outcomes("hangs") { $0.requestTimeout = .milliseconds(800) }
                == [nil, .timedOut, nil, nil])
        #expect(try await outcomes("garbage") { _ in } == [nil, nil, .malformed, nil])
        #expect(try await outcomes("closes") { _ in } == [nil, nil, nil, nil])
        #expect(
            try await outcomes("closes-silently") { $0.concurrency = 1 } == [nil, nil, nil, nil])
        #expect(
            try await outcomes("good") { $0.answerLimit = 60 }
                == [.tooLarge, .tooLarge, .tooLarge, .tooLarge])
    }

    @Test("a sample is of whole sessions and counts what it left out")
    func sample() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(50))
        let plan = fixture.plan([PythonService.arm()]) { $0.sample = 15 }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(rows.count == 20)
        #expect(evidence.capture.chosen == 20)
        #expect(evidence.capture.sessions == 2)
        #expect(evidence.ledger.notReplayed == 30)
        #expect(evidence.ledger.imbalance == nil)
    }

    @Test("on a schedule latency is judged, and is from the intended start")
    func schedule() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(40))
        let plan = fixture.plan([PythonService.arm()]) { $0.pacing = .schedule(speed: 0.5) }
        let (evidence, _) = try await fixture.run(plan)
        let latency = try #require(evidence.latency["candidate"])
        #expect(latency.count == 40)
        #expect(latency.void == nil || latency.void?.contains("were sent late") == true)
        #expect(latency.sample.count == 40)
        #expect(evidence.pacing == .init(mode: "schedule", value: 0.5, concurrency: 4))
    }

    @Test("a cancelled replay ends its services and removes its directory")
    func cancelled() async throws {
        var recordings = ReplayFixture.plain(4)
        recordings[2].target = "/predict/hang"
        let fixture = try ReplayFixture(recordings)
        let marker = "marker=\(fixture.directory.path)"
        let plan = fixture.plan([PythonService.arm(options: ["mode=hangs", marker])])
        let store = fixture.store
        let code = await withTaskGroup(of: AssayError.Code?.self) { group in
            let (stream, feed) = AsyncStream.makeStream(of: Int.self)
            group.addTask {
                do throws(AssayError) {
                    _ = try await ReplayEngine.run(plan, store: store, environment: [:]) {
                        if $0.phase == .replaying { feed.yield($0.done) }
                    }
                    return nil
                } catch {
                    return error.code
                }
            }
            for await _ in stream { break }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(code == .interrupted)
        #expect(try PythonService.processes(containing: marker).isEmpty)
        #expect(try FileSystem.names(in: plan.runs).isEmpty)
    }
}
