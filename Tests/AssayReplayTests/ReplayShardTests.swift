import AssayCapture
import AssayCore
import AssayEvidence
import AssayStore
import AssaySystem
import Synchronization
import SystemPackage
import Testing

@testable import AssayReplay

@Suite("a replay in parts", .serialized)
struct ReplayShardTests {
    /// A candidate that differs everywhere, among exchanges with and without sessions.
    private func fixture() throws -> ReplayFixture {
        var recordings = ReplayFixture.plain(40)
        for number in recordings.indices {
            recordings[number].session = number % 7 == 0 ? nil : "s\(number / 3)"
        }
        recordings[11].target = "/order/11"
        recordings[12].bundle = nil
        return try ReplayFixture(recordings)
    }

    private let arms = [
        PythonService.arm(.baseline, options: ["mode=hash-number"]),
        PythonService.arm(.candidate, options: ["score=0.7"]),
    ]

    private func plan(
        _ fixture: borrowing ReplayFixture, _ change: (inout ReplayPlan) -> Void = { _ in }
    ) -> ReplayPlan {
        fixture.plan(arms) {
            $0.routes = [.init("GET /order/*", isReplayable: false)]
            $0.confirmation = .init(processes: 5, budget: 6)
            $0.rules = ComparisonRules(rules: [.init(pointer: "/scroe", measure: .exact)])
            change(&$0)
        }
    }

    @Test("shards of any count merge to what one replay of the whole gives, but for timing")
    func merge() async throws {
        let fixture = try fixture()
        let whole = try await fixture.run(plan(fixture)).evidence
        #expect(whole.ledger.replayed == 39)
        #expect(whole.places?.exchanges == 39)
        #expect(whole.notes.contains { $0.contains("matched no answer of 39") })
        #expect(whole.groups.contains { $0.comparison == .effect && $0.notSent > 0 })
        var generator = SplitMix64(seed: 11)
        for count in [1, 2, 5] {
            var shards: [Evidence] = []
            for index in (1...count).shuffled(using: &generator) {
                let shard = plan(fixture) {
                    $0.shard = ReplayShard(index: index, count: count)
                    $0.confirmation.processes = 0
                }
                shards.append(try await fixture.run(shard).evidence)
            }
            try Evidence.checkShards(shards)
            #expect(shards.map(\.ledger).reduce(LossLedger(), +) == whole.ledger)
            #expect(shards.map(\.capture.sessions).reduce(0, +) == whole.capture.sessions)
            let merged = try await fixture.run(
                plan(fixture) { $0.parts = shards.map(\.digest) }
            ).evidence
            #expect(merged.timeless == whole.timeless)
            #expect(merged.latency["candidate"]?.count == 39)
            #expect(merged.arms.last?.starts == count)
            #expect(merged.sending?.exchanges == 39)
        }
    }

    @Test("a part that is given twice is refused")
    func twice() async throws {
        let fixture = try fixture()
        let part = try await fixture.run(plan(fixture) { $0.maximumExchanges = 5 }).evidence
        do throws(AssayError) {
            let again = plan(fixture) { $0.parts = [part.digest, part.digest] }
            _ = try await ReplayEngine.run(again, store: fixture.store, environment: [:]) { _ in }
            Issue.record("it was taken twice")
        } catch {
            #expect(error.code == .conflict)
        }
    }

    @Test("a part that was redacted by other rules, or with another key, is refused")
    func otherRedaction() async throws {
        let fixture = try fixture()
        let rules = RedactionRules([.init(.pointer(["score"]), .pseudonym)])
        let part = try await fixture.run(
            plan(fixture) {
                $0.maximumExchanges = 5
                $0.redaction = rules
            }
        ).evidence
        let plan = plan(fixture) {
            $0.parts = [part.digest]
            $0.redaction = rules
        }
        let others: [(RedactionRules?, [UInt8])] = [
            (nil, ReplayFixture.key),
            (RedactionRules([.init(.pointer(["score"]), .mask)]), ReplayFixture.key),
            (rules, [UInt8](repeating: 8, count: 32)),
        ]
        for (rules, key) in others {
            do throws(AssayError) {
                var other = plan
                other.redaction = rules
                _ = try await ReplayEngine.run(
                    other, store: fixture.store, environment: [:], redactionKey: key
                ) { _ in }
                Issue.record("it was taken")
            } catch {
                #expect(error.code == .conflict)
                #expect(error.hint?.contains("ASSAY_REDACTION_KEY") == true, "\(error)")
            }
        }
        #expect(try await fixture.run(plan).evidence.ledger.replayed == 39)
    }

    @Test("a replay that was stopped goes on where it was, to the same outcome")
    func resume() async throws {
        let fixture = try fixture()
        let whole = try await fixture.run(plan(fixture)).evidence
        let first = try await fixture.run(plan(fixture) { $0.maximumExchanges = 13 }).evidence
        #expect(first.ledger.replayed == 13)
        #expect(first.ledger.imbalance == nil)
        #expect(first.notes.contains { $0.contains("were not replayed yet") })
        let second = try await fixture.run(
            plan(fixture) {
                $0.parts = [first.digest]
                $0.maximumExchanges = 10
            }
        ).evidence
        #expect(second.ledger.replayed == 23)
        let third = try await fixture.run(plan(fixture) { $0.parts = [second.digest] }).evidence
        #expect(third.timeless == whole.timeless)
    }

    @Test(
        "what is kept while a replay goes on is of whole exchanges, and goes on to the same outcome"
    )
    func checkpoint() async throws {
        let fixture = try fixture()
        let whole = try await fixture.run(plan(fixture)).evidence
        let ref = "evidence/test/partial-kept"
        let seen = Mutex<Set<Digest>>([])
        let store = fixture.store
        let plan = plan(fixture) {
            $0.partialRef = ref
            $0.checkpointEvery = .milliseconds(1)
            $0.pacing = .rate(100)
        }
        _ = try await ReplayEngine.run(plan, store: store, environment: [:]) { _ in
            // What cannot be read now is not there yet.
            if let kept = try? store.ref(ref) { _ = seen.withLock { $0.insert(kept.digest) } }
        }
        let kept = try #require(try store.ref(ref))
        let parts = seen.withLock { $0 }.union([kept.digest])
        for digest in parts {
            let part = try EvidenceBlobs.evidence(digest, store: store)
            #expect(part.ledger.imbalance == nil)
            #expect(try fixture.rows(part).count == part.ledger.replayed)
            #expect(part.places?.exchanges == part.ledger.replayed)
            let rest = self.plan(fixture) { $0.parts = [digest] }
            #expect(try await fixture.run(rest).evidence.timeless == whole.timeless)
        }
    }

    @Test("keeping takes no more than a twentieth of the time")
    func checkpointClock() {
        var clock = CheckpointClock(every: 10, now: 0)
        var begun: [Int64] = []
        for now: Int64 in [9, 10, 11] where clock.begins(at: now) { begun.append(now) }
        clock.ended(at: 13)
        for now: Int64 in [72, 73] where clock.begins(at: now) { begun.append(now) }
        clock.ended(at: 73)
        for now: Int64 in [82, 83] where clock.begins(at: now) { begun.append(now) }
        #expect(begun == [10, 73, 83])
    }

    @Test("an interrupted replay keeps what was done under the name it was given")
    func interrupted() async throws {
        var recordings = ReplayFixture.plain(12)
        recordings[8].target = "/predict/hang"
        let fixture = try ReplayFixture(recordings)
        let plan = fixture.plan([PythonService.arm(options: ["mode=hangs"])]) {
            $0.concurrency = 1
            $0.partialRef = "evidence/test/partial-here"
            $0.maximumRestarts = 0
        }
        let store = fixture.store
        await withTaskGroup(of: Void.self) { group in
            let (stream, feed) = AsyncStream.makeStream(of: Int.self)
            group.addTask {
                do throws(AssayError) {
                    _ = try await ReplayEngine.run(plan, store: store, environment: [:]) {
                        if $0.phase == .replaying { feed.yield($0.done) }
                    }
                } catch {
                    #expect(error.code == .interrupted)
                }
                feed.finish()
            }
            for await done in stream where done > 0 { break }
            group.cancelAll()
        }
        let kept = try #require(try store.ref("evidence/test/partial-here"))
        let part = try EvidenceBlobs.evidence(kept.digest, store: store)
        #expect((1...8).contains(part.ledger.replayed))
        #expect(part.ledger.imbalance == nil)
        #expect(part.notes.contains { $0.contains("ended early") })
    }

    @Test("after its time a replay sends nothing more and is judged as far as it came")
    func maximumTime() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(40))
        let plan = fixture.plan([PythonService.arm()]) {
            $0.pacing = .rate(20)
            $0.maximumTime = .milliseconds(600)
        }
        let (evidence, rows) = try await fixture.run(plan)
        #expect((1...14).contains(rows.count))
        #expect(evidence.ledger.notReplayed == 40 - rows.count)
        #expect(evidence.ledger.imbalance == nil)
    }

    @Test("a plan with all of it reads back as it was written")
    func codec() throws {
        let fixture = try fixture()
        let plan = plan(fixture) {
            $0.shard = ReplayShard(index: 2, count: 3)
            $0.maximumExchanges = 7
            $0.maximumTime = .seconds(9)
            $0.parts = [Digest(of: [1])]
            $0.partialRef = "evidence/test/partial-1"
            $0.checkpointEvery = .seconds(3)
            $0.replicas = 2
            $0.egressLatency = .recorded
            $0.supplied = ReplayPlan.SuppliedFile(path: "/a/b.jsonl", digest: Digest(of: [2]))
            $0.answersRef = "answers/test/1"
            $0.answers = Digest(of: [3])
            $0.continuation = .withoutFresh
        }
        #expect(try ReplayPlan.parse(plan.encode(), name: "plan") == plan)
    }

    @Test(
        "a shard is written as a part and a count, or taken from the array job",
        arguments: [
            ("2/8", [:], "2/8"), ("1/1", [:], "1/1"),
            ("auto/8", ["JOB_COMPLETION_INDEX": "0"], "1/8"),
            (
                "auto",
                [
                    "SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "5",
                    "SLURM_ARRAY_TASK_COUNT": "4",
                ], "3/4"
            ),
            (
                "auto", ["AWS_BATCH_JOB_ARRAY_INDEX": "9", "AWS_BATCH_JOB_ARRAY_SIZE": "10"],
                "10/10"
            ),
        ] as [(String, [String: String], String)])
    func shards(text: String, environment: [String: String], expected: String) throws {
        #expect(try ReplayShard(text, environment: environment).description == expected)
    }

    @Test(
        "what is no shard is refused",
        arguments: [
            ("0/8", [:]), ("9/8", [:]), ("2", [:]), ("a/b", [:]), ("1/2/3", [:]), ("auto", [:]),
            ("auto", ["JOB_COMPLETION_INDEX": "0"]), ("auto/2", ["JOB_COMPLETION_INDEX": "2"]),
        ] as [(String, [String: String])])
    func noShards(text: String, environment: [String: String]) {
        #expect(throws: AssayError.self) { try ReplayShard(text, environment: environment) }
    }
}
