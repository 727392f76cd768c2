import AssayCapture
import AssayCore
import AssayEvidence
import AssayStore
import AssaySystem
import Synchronization
import SystemPackage
import Testing

@testable import AssayReplay

@Suite("a replay whose arms are served one after another, in parts", .serialized)
struct ReplaySequentialTests {
    private let ref = "answers/test/kept"
    private let arms = [
        PythonService.arm(.baseline, options: ["mode=hash-number"]),
        PythonService.arm(.repeat, options: ["mode=hash-number"]),
        PythonService.arm(.candidate, options: ["mode=garbage", "score=0.7"]),
    ]

    private func fixture(_ count: Int = 24) throws -> ReplayFixture {
        var recordings = ReplayFixture.plain(count)
        recordings[4].target = "/predict/garbage"
        recordings[7].target = "/order/7"
        return try ReplayFixture(recordings)
    }

    private func plan(
        _ fixture: borrowing ReplayFixture, _ arms: [ArmPlan]? = nil,
        _ change: (inout ReplayPlan) -> Void = { _ in }
    ) -> ReplayPlan {
        fixture.plan(arms ?? self.arms) {
            $0.arrangement = .sequential
            $0.routes = [.init("GET /order/*", isReplayable: false)]
            $0.confirmation = .init(processes: 2, budget: 4)
            $0.answersRef = ref
            $0.continuation = .same
            change(&$0)
        }
    }

    @Test("what is kept while arms answer goes on to what one run gives")
    func checkpoint() async throws {
        let fixture = try fixture()
        let whole = try await fixture.run(plan(fixture) { $0.answersRef = nil }).evidence
        #expect(whole.ledger.replayed == 23 && whole.ledger.excluded == 1)
        let seen = Mutex<[Digest]>([])
        let store = fixture.store
        let kept = ref
        let checked = plan(fixture) {
            $0.checkpointEvery = .milliseconds(1)
            $0.pacing = .rate(40)
        }
        _ = try await ReplayEngine.run(checked, store: store, environment: [:]) { _ in
            // What cannot be read now is not there yet.
            guard let found = try? store.ref(kept) else { return }
            seen.withLock { if $0.last != found.digest { $0.append(found.digest) } }
        }
        let digests = seen.withLock { $0 }
        let counts = try digests.map { try KeptAnswers.read($0, store: store).count }
        #expect(counts == counts.sorted())
        // Some within an arm, and one at the end of all.
        #expect(counts.contains { $0 % 23 != 0 })
        #expect(
            try store.ref(kept).map { try KeptAnswers.read($0.digest, store: store).count } == 69)
        for digest in [digests.first, digests[digests.count / 2], digests.last].compactMap(\.self) {
            let rest = plan(fixture) { $0.answers = digest }
            let resumed = try await fixture.run(rest).evidence
            #expect(resumed.timeless == whole.timeless)
            let earlier = try KeptAnswers.read(digest, store: store)
            for arm in resumed.arms where arm.name != "recorded" {
                let before = earlier.arms[arm.name]
                #expect(arm.starts == (before?.starts ?? 0) + (before?.count == 23 ? 0 : 1))
            }
        }
    }

    @Test("an arm that has answered everything is not started again")
    func answeredArms() async throws {
        let fixture = try fixture()
        let whole = try await fixture.run(plan(fixture)).evidence
        let kept = try #require(try fixture.store.ref(ref)).digest
        let again = try await fixture.run(plan(fixture) { $0.answers = kept }).evidence
        #expect(again.timeless == whole.timeless)
        #expect(again.arms.map(\.starts) == whole.arms.map(\.starts))
        // Nothing was sent, so it took no more time.
        #expect(try #require(again.sending).nanoseconds == whole.sending?.nanoseconds)
        #expect(again.latency["candidate"]?.quantiles == whole.latency["candidate"]?.quantiles)
    }

    @Test("time between the runs, and the clock of the earlier, are no time of sending")
    func sending() async throws {
        let fixture = try fixture()
        let first = try await fixture.run(plan(fixture) { $0.maximumExchanges = 9 }).evidence
        let kept = try #require(try fixture.store.ref(ref)).digest
        let before = try KeptAnswers.read(kept, store: fixture.store).nanoseconds
        #expect(before == first.sending?.nanoseconds && before > 0)
        try await Task.sleep(for: .seconds(2))
        let start = ContinuousClock.now
        let rest = plan(fixture) {
            $0.parts = [first.digest]
            $0.answers = kept
        }
        let evidence = try await fixture.run(rest).evidence
        let took = ContinuousClock.now - start
        let sending = try #require(evidence.sending?.nanoseconds)
        let most = before + (took.components.seconds + 1) * 1_000_000_000
        #expect(sending > before && sending < most)
        let now = try KeptAnswers.read(
            try #require(try fixture.store.ref(ref)).digest, store: fixture.store)
        #expect(sending == now.nanoseconds)
    }

    @Test("what redaction took from answers is known where another run judges them")
    func redacted() async throws {
        let recordings = ReplayRedactionTests.recordings(6)
        let rules = ReplayRedactionTests.userRules
        for mode in ["good", "cuts"] {
            let fixture = try ReplayFixture(recordings, redaction: rules)
            let arms = [ArmPlan.Role.baseline, .candidate].map {
                PythonService.arm(
                    $0,
                    options: [
                        "mode=\(mode)", "email=ada@example.com", "name=Ada", "phone=12345678",
                    ])
            }
            let whole = try await fixture.run(plan(fixture, arms) { $0.redaction = rules }).evidence
            let kept = try #require(try fixture.store.ref(ref)).digest
            let again = try await fixture.run(
                plan(fixture, arms) {
                    $0.redaction = rules
                    $0.answers = kept
                    $0.confirmation.processes = 0
                }
            ).evidence
            #expect(whole.redaction?.uncompared.isEmpty == false)
            #expect(again.redaction?.uncompared == whole.redaction?.uncompared)
            let notes = whole.notes.filter { $0.contains("could not be read") }
            #expect(notes.isEmpty == (mode == "good"))
            #expect(again.notes.filter { $0.contains("could not be read") } == notes)
        }
    }

    @Test("a line is as long as the answers that a replay takes, and no longer")
    func lines() async throws {
        let fixture = try fixture()
        let store = fixture.store
        let limit = 3 << 20
        let row = [UInt8](repeating: 0x61, count: limit + 4096)
        let line = AnswerLine(
            place: "0000000000000001", arm: "baseline", exchange: "0123456789abcdef", row: row,
            timing: [])
        #expect(line.bytes.count <= AnswerLine.longest(answer: limit))
        #expect(AnswerLine.longest(answer: 64 << 20) > 64 << 20)
        var output = try CompressedLines(store: store)
        try output.write(line.bytes)
        let blob = try output.finish()
        let size = line.bytes.count
        let read = try EvidenceBlobs.reader(blob, store: store, lineLimit: size).next()
        #expect(read == line.bytes)
        let error = #expect(throws: AssayError.self) {
            try EvidenceBlobs.reader(
                blob, store: store, lineLimit: size - 1, hint: "start anew with --fresh"
            ).next()
        }
        #expect(error?.code == .limit && error?.hint == "start anew with --fresh")
    }

    @Test("reading kept answers, and joining them, ends when the replay is cancelled")
    func cancelled() async throws {
        let fixture = try fixture()
        let plan = plan(fixture)
        _ = try await fixture.run(plan)
        let kept = try KeptAnswers.read(
            try #require(try fixture.store.ref(ref)).digest, store: fixture.store)
        let capture = fixture.capture
        let answers = AnswerStore(in: fixture.directory.path, of: plan, store: fixture.store)
        let task = Task { () async -> [AssayError.Code] in
            while !Task.isCancelled { await Task.yield() }
            var codes: [AssayError.Code] = []
            do throws(AssayError) {
                try await answers.restore(kept, name: "kept answers")
            } catch {
                codes.append(error.code)
            }
            do throws(AssayError) {
                let jobs = JobSource(
                    reader: try capture.reader(), filter: ExchangeFilter(), plan: plan,
                    redaction: nil)
                try await answers.join(jobs) {
                    (_: [ReplayPass.Result]) async throws(AssayError) in
                }
            } catch {
                codes.append(error.code)
            }
            return codes
        }
        task.cancel()
        #expect(await task.value == [.interrupted, .interrupted])
    }

    @Test("of a limited time each arm has its part, and the rest is replayed later")
    func maximumTime() async throws {
        let fixture = try fixture(40)
        let whole = try await fixture.run(plan(fixture)).evidence
        let first = try await fixture.run(
            plan(fixture) {
                $0.pacing = .rate(20)
                $0.maximumTime = .milliseconds(1500)
            }
        ).evidence
        #expect((1...20).contains(first.ledger.replayed))
        #expect(first.ledger.imbalance == nil)
        let kept = try #require(try fixture.store.ref(ref)).digest
        let rest = plan(fixture) {
            $0.parts = [first.digest]
            $0.answers = kept
        }
        #expect(try await fixture.run(rest).evidence.timeless == whole.timeless)
    }

    @Test("a limited count is of exchanges that all arms answer, and goes on behind them")
    func maximumExchanges() async throws {
        let fixture = try fixture()
        let whole = try await fixture.run(plan(fixture)).evidence
        let first = try await fixture.run(plan(fixture) { $0.maximumExchanges = 9 }).evidence
        #expect(first.ledger.replayed == 9)
        for answers in [nil, try #require(try fixture.store.ref(ref)).digest] {
            let rest = plan(fixture) {
                $0.parts = [first.digest]
                $0.answers = answers
            }
            let resumed = try await fixture.run(rest).evidence
            #expect(resumed.timeless == whole.timeless)
            // One by each run, and none counted by both its evidence and its answers.
            #expect(resumed.arms.map(\.starts) == [0, 2, 2, 2])
        }
    }

    @Test("after a failure of a later arm the answers of those before it are kept, and it is said")
    func failure() async throws {
        let fixture = try fixture()
        var broken = arms
        broken[2] = PythonService.arm(.candidate, options: ["mode=dies-early"])
        do throws(AssayError) {
            _ = try await ReplayEngine.run(
                plan(fixture, broken), store: fixture.store, environment: [:]
            ) { _ in }
            Issue.record("it ran")
        } catch {
            #expect(error.code == .service)
            #expect(
                error.hint?.hasPrefix(
                    "46 answers of the arms are kept, and the same command goes on from there")
                    == true, "\(error.hint ?? "")")
        }
        let kept = try #require(try fixture.store.ref(ref)).digest
        let whole = try await fixture.run(plan(fixture) { $0.answersRef = nil }).evidence
        let rest = plan(fixture) { $0.answers = kept }
        #expect(try await fixture.run(rest).evidence.timeless == whole.timeless)
    }

    @Test("of earlier evidence and of kept answers one hint says how to go on")
    func hint() async throws {
        let fixture = try fixture()
        let first = try await fixture.run(plan(fixture) { $0.maximumExchanges = 9 }).evidence
        var broken = arms
        broken[2] = PythonService.arm(.candidate, options: ["mode=dies-early"])
        do throws(AssayError) {
            _ = try await ReplayEngine.run(
                plan(fixture, broken) { $0.parts = [first.digest] }, store: fixture.store,
                environment: [:]
            ) { _ in }
            Issue.record("it ran")
        } catch {
            let hint = error.hint ?? ""
            #expect(hint.contains("what was replayed is kept"))
            #expect(hint.contains("answers of the arms are kept"))
            #expect(hint.ranges(of: "goes on from there").count == 1, "\(hint)")
        }
    }

    @Test("an interrupted replay keeps what was answered")
    func interrupted() async throws {
        let fixture = try fixture(40)
        let slow = plan(fixture) { $0.pacing = .rate(20) }
        let store = fixture.store
        await withTaskGroup(of: Void.self) { group in
            let (stream, feed) = AsyncStream.makeStream(of: ReplayProgress.self)
            group.addTask {
                do throws(AssayError) {
                    _ = try await ReplayEngine.run(slow, store: store, environment: [:]) {
                        feed.yield($0)
                    }
                } catch {
                    #expect(error.code == .interrupted)
                    #expect(error.hint?.contains("answers of the arms are kept") == true)
                }
                feed.finish()
            }
            for await progress in stream where progress.arm == "repeat (2 of 3)" {
                #expect(progress.total == 39)
                if progress.done > 5 { break }
            }
            group.cancelAll()
        }
        let kept = try KeptAnswers.read(try #require(try store.ref(ref)).digest, store: store)
        #expect(kept.arms["baseline"]?.count == 39)
        #expect((6...30).contains(kept.arms["repeat"]?.count ?? 0))
    }

    @Test("kept answers that were changed are refused, whatever was changed, and none traps")
    func tampered() async throws {
        let fixture = try fixture()
        let store = fixture.store
        _ = try await fixture.run(plan(fixture) { $0.maximumExchanges = 6 })
        let digest = try #require(try store.ref(ref)).digest
        let text = String(decoding: try store.read(digest), as: UTF8.self)
        let kept = try KeptAnswers.read(digest, store: store)
        let blob = try #require(kept.arms["baseline"]?.blobs.first)
        let lines = try fixture.lines(blob).map { String(decoding: $0, as: UTF8.self) }
        func blobOf(_ lines: [String]) throws -> String {
            var output = try CompressedLines(store: store)
            for line in lines { try output.write(Array("\(line)\n".utf8)) }
            return "\(try output.finish())"
        }
        func line(_ number: Int, _ change: (inout [Substring]) -> Void) throws -> String {
            var parts = lines[number].split(separator: " ", omittingEmptySubsequences: false)
            change(&parts)
            var all = lines
            all[number] = parts.joined(separator: " ")
            return text.replacing("\(blob)", with: try blobOf(all))
        }
        let frame = try store.read(blob)
        let changed: [(String, String)] = [
            ("not JSON", String(text.dropLast(1))),
            ("another schema", text.replacing("answers/v1", with: "answers/v2")),
            ("an unknown arm", text.replacing("\"repeat\"", with: "\"repaet\"")),
            ("swapped arms", text.replacing("\"repeat\"", with: "\"repeat-2\"")),
            ("another capture", text.replacing(fixture.capture.id.hex, with: digest.hex)),
            ("a count", text.replacing("\"count\":6", with: "\"count\":7")),
            ("a negative count", text.replacing("\"starts\":1", with: "\"starts\":-1")),
            (
                "a huge count",
                text.replacing("\"starts\":1", with: "\"starts\":9223372036854775807")
            ),
            ("no such blob", text.replacing("\(blob)", with: "\(Digest(of: [9]))")),
            (
                "a cut blob",
                text.replacing("\(blob)", with: "\(try store.put(Array(frame.dropLast(9))))")
            ),
            ("no blob of lines", text.replacing("\(blob)", with: "\(try store.put([1, 2, 3]))")),
            (
                "a line too few",
                text.replacing("\(blob)", with: try blobOf(Array(lines.dropLast())))
            ),
            ("a place", try line(2) { $0[0] = "000000000000000x" }),
            ("another exchange", try line(2) { $0[2] = "0123456789abcdef" }),
            ("no base64", try line(2) { $0[3] = "?" }),
            ("no answer", try line(2) { $0[3] = "AAAA" }),
            (
                "times that overflow",
                try line(2) {
                    $0[4] = Substring(
                        Base64.encode("[-9223372036854775808,0,9223372036854775807]".utf8))
                }
            ),
        ]
        for (name, document) in changed {
            #expect(document != text, "\(name)")
            let digest = try store.put(Array(document.utf8))
            let rest = plan(fixture) { $0.answers = digest }
            do throws(AssayError) {
                _ = try await ReplayEngine.run(rest, store: store, environment: [:]) { _ in }
                Issue.record("\(name) was taken")
            } catch {
                #expect(
                    [.damaged, .invalidDocument, .notFound].contains(error.code),
                    "\(name): \(error)")
            }
        }
    }
}
