import AssayCapture
import AssayCore
import AssayEvidence
import AssayStore
import Synchronization
import Testing

@testable import AssayReplay

@Suite("how far a replay is", .serialized)
struct ReplayProgressTests {
    /// All that a run told of its sending.
    private func progress(
        _ plan: ReplayPlan, _ fixture: borrowing ReplayFixture
    ) async throws -> (all: [ReplayProgress], evidence: Evidence) {
        let seen = Mutex<[ReplayProgress]>([])
        let evidence = try await ReplayEngine.run(plan, store: fixture.store, environment: [:]) {
            progress in
            if progress.phase == .replaying { seen.withLock { $0.append(progress) } }
        }
        return (seen.withLock { $0 }, evidence)
    }

    private func fixture() throws -> ReplayFixture {
        var recordings = ReplayFixture.plain(30)
        for number in 10..<16 { recordings[number].target = "/order/\(number)" }
        return try ReplayFixture(recordings)
    }

    private func plan(
        _ fixture: borrowing ReplayFixture, _ change: (inout ReplayPlan) -> Void = { _ in }
    ) -> ReplayPlan {
        fixture.plan([PythonService.arm()]) {
            $0.routes = [.init("GET /order/*", isReplayable: false)]
            $0.confirmation.processes = 0
            change(&$0)
        }
    }

    @Test("the total is of what is sent: without excluded routes, up to the limit, of the shard")
    func totals() async throws {
        let fixture = try fixture()
        func check(
            _ plan: ReplayPlan, _ total: Int, location: Testing.SourceLocation = #_sourceLocation
        ) async throws -> Evidence {
            let (all, evidence) = try await progress(plan, fixture)
            #expect(!all.isEmpty, sourceLocation: location)
            #expect(all.allSatisfy { $0.total == total }, "\(all)", sourceLocation: location)
            #expect(all.last?.done == total, sourceLocation: location)
            #expect(all.last?.timeLeft == .zero, sourceLocation: location)
            return evidence
        }
        _ = try await check(plan(fixture) { $0.routes = [] }, 30)
        _ = try await check(plan(fixture), 24)
        let first = try await check(plan(fixture) { $0.maximumExchanges = 9 }, 9)
        let second = try await check(
            plan(fixture) {
                $0.parts = [first.digest]
                $0.maximumExchanges = 10
            }, 19)
        _ = try await check(
            plan(fixture) {
                $0.parts = [second.digest]
                $0.maximumExchanges = 100
            }, 24)
        var sum = 0
        for index in 1...3 {
            let shard = plan(fixture) { $0.shard = ReplayShard(index: index, count: 3) }
            let evidence = try await fixture.run(shard).evidence
            if evidence.ledger.replayed > 0 { _ = try await check(shard, evidence.ledger.replayed) }
            sum += evidence.ledger.replayed
        }
        #expect(sum == 24)
    }

    @Test("the time left is that of what is left at the pace, and never beyond the time given")
    func timeLeft() async throws {
        let fixture = try fixture()
        let paced = plan(fixture) { $0.pacing = .rate(20) }
        let (all, _) = try await progress(paced, fixture)
        for progress in all {
            let left = Double(progress.total - progress.done) / progress.rate
            #expect(try #require(progress.timeLeft) == .seconds(left), "\(progress)")
        }
        let bounded = plan(fixture) {
            $0.pacing = .rate(5)
            $0.maximumTime = .seconds(1)
        }
        let (some, _) = try await progress(bounded, fixture)
        for progress in some { #expect(try #require(progress.timeLeft) <= .seconds(1)) }
    }

    @Test("where nothing may be sent no service is started, and the routes are counted")
    func nothing() async throws {
        let fixture = try fixture()
        let (all, evidence) = try await progress(
            plan(fixture) { $0.routes = [.init("GET /**", isReplayable: false)] }, fixture)
        #expect(all.isEmpty)
        #expect(evidence.ledger.excluded == 30 && evidence.ledger.imbalance == nil)
        #expect(evidence.arms.last?.starts == 0)
    }

    @Test(
        "a hint to go on is given only where the same command does",
        arguments: ReplayPlan.Continuation.allCases)
    func hints(continuation: ReplayPlan.Continuation) async throws {
        var recordings = ReplayFixture.plain(12)
        recordings[8].target = "/predict/crash"
        let fixture = try ReplayFixture(recordings)
        let plan = fixture.plan([PythonService.arm(options: ["mode=crashes"])]) {
            $0.concurrency = 1
            $0.maximumRestarts = 0
            $0.partialRef = "evidence/test/partial-here"
            $0.continuation = continuation
        }
        do throws(AssayError) {
            _ = try await ReplayEngine.run(plan, store: fixture.store, environment: [:]) { _ in }
            Issue.record("it ran")
        } catch {
            let hint = error.hint ?? ""
            #expect(hint.contains("what was replayed is kept"))
            #expect(hint.contains("goes on from there") == (continuation != .none))
            #expect(hint.contains("without --fresh") == (continuation == .withoutFresh))
        }
    }
}
