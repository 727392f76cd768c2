import AssayCapture
import AssayCore
import AssayEvidence
import AssayStore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@testable import AssayReplay

@Suite("a hostile service", .serialized)
struct HostileServiceTests {
    /// What came of three exchanges of which the second meets the service's bad side.
    private func outcomes(
        _ mode: String, _ change: (inout ReplayPlan) -> Void = { _ in }
    ) async throws -> [ExchangeOutcome.ArmOutcome] {
        var recordings = ReplayFixture.plain(3)
        recordings[1].target = "/predict/odd"
        let fixture = try ReplayFixture(recordings)
        let marker = "marker=\(fixture.directory.path)"
        let plan = fixture.plan([PythonService.arm(options: ["mode=\(mode)", marker])]) {
            $0.concurrency = 1
            $0.confirmation.processes = 0
            $0.requestTimeout = .seconds(60)
            $0.answerLimit = 1 << 20
            change(&$0)
        }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(evidence.ledger.imbalance == nil)
        #expect(
            evidence.arms.last?.environment["limit.memory"]
                == plan.limits.memory.map { "\($0) bytes" })
        #expect(try await PythonService.leftovers(containing: marker).isEmpty)
        #expect(try FileSystem.names(in: plan.runs).isEmpty)
        var found: [ExchangeOutcome.ArmOutcome] = []
        for exchange in try fixture.capture.outline() {
            let row = try #require(rows.first { $0.exchange == exchange.id })
            found.append(try #require(row.arms["candidate"]))
        }
        return found
    }

    @Test(
        "half an answer, one without end, a slow drip and a wrong length fail that exchange alone",
        arguments: [
            ("half", ExchangeOutcome.Failure.closed), ("huge", .tooLarge), ("drips", .timedOut),
            ("says-too-much", .timedOut),
        ])
    func answers(mode: String, failure: ExchangeOutcome.Failure) async throws {
        let found = try await outcomes(mode) {
            if failure == .timedOut { $0.requestTimeout = .seconds(10) }
        }
        #expect(found.map(\.failure) == [nil, failure, nil])
    }

    @Test("what follows an answer that says it is shorter is never taken for the next answer")
    func trailing() async throws {
        let found = try await outcomes("says-too-little")
        #expect(found.map(\.failure) == [nil, nil, nil])
        #expect(found.map(\.status) == [200, 200, 200])
    }

    @Test("a connection that is closed before any answer is a failure of each exchange")
    func slams() async throws {
        let found = try await outcomes("slams")
        #expect(found.map(\.failure) == [.closed, .closed, .closed])
    }

    @Test("forked children, a service that ignores TERM and a flood of output are all ended")
    func ends() async throws {
        for mode in ["forks", "ignores-term", "floods"] {
            #expect(try await outcomes(mode).map(\.status) == [200, 200, 200])
        }
    }

    /// Whether control groups can be made here.
    private static let mayBound: Bool = {
        let probe = try? ControlGroup.make(
            named: "assay-probe-\(getpid())", limits: .init(memory: 1 << 30, cpus: 1))
        probe?.remove()
        return probe != nil
    }()

    @Test(
        "a service that takes more memory than it may crashes, and the bound is in the evidence",
        .enabled(if: mayBound, "control groups cannot be made here"))
    func hoards() async throws {
        let unbound = try await outcomes("hoards")
        #expect(unbound.map(\.failure) == [nil, nil, nil])
        let found = try await outcomes("hoards") {
            $0.limits = .init(memory: 200 << 20, cpus: 0.9)
        }
        #expect(found.map(\.failure) == [nil, .crashed, nil])
    }

    @Test("a service that never gets ready is ended, and its last lines are told")
    func neverReady() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(1))
        let marker = "marker=\(fixture.directory.path)"
        let plan = fixture.plan([
            PythonService.arm(timeout: .seconds(5), options: ["mode=never-ready", marker])
        ])
        do throws(AssayError) {
            _ = try await ReplayEngine.run(plan, store: fixture.store, environment: [:]) { _ in }
            Issue.record("the replay did not end")
        } catch {
            #expect(error.code == .service)
            #expect(error.message.contains("still warming up"))
        }
        #expect(try PythonService.processes(containing: marker).isEmpty)
    }
}
