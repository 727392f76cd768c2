import AssayCapture
import AssayCore
import AssayEvidence
import AssayStore
import AssaySystem
import NIOCore
import NIOPosix
import SystemPackage
import Testing

@testable import AssayReplay

@Suite("the arms of a replay", .serialized)
struct ReplayArmsTests {
    private func three(_ options: [String]) -> [ArmPlan] {
        [
            PythonService.arm(.baseline, bundle: "same", options: options),
            PythonService.arm(.repeat, bundle: "same", options: options),
            PythonService.arm(.candidate, bundle: "same", options: options),
        ]
    }

    @Test("identical bundles whose values depend on the hash seed do not differ after confirmation")
    func hashNumber() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(24))
        for seed in 1...3 as ClosedRange<UInt64> {
            let plan = fixture.plan(three(["mode=hash-number"])) { $0.seed = seed }
            let (evidence, rows) = try await fixture.run(plan)
            let effect = try #require(evidence.groups.first { $0.comparison == .effect })
            #expect(effect.path == "/score")
            #expect((effect.count, effect.confirmed, effect.notSent) == (24, 0, 4))
            #expect(rows.allSatisfy { !$0.confirmations.values.contains(.confirmed) })
        }
    }

    @Test("a service that runs already is replayed against, and is left running")
    func running() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(20))
        let directory = try TemporaryDirectory(in: "/tmp")
        let launch = ServiceLaunch(
            plan: PythonService.arm(options: ["score=0.7"]), isolation: .process, bubblewrap: nil,
            home: directory.path, egress: [:], inherited: [:])
        let service = try await RunningService.start(
            launch, name: "running", logs: .logs(in: directory.path), hashSeed: 1,
            on: MultiThreadedEventLoopGroup.singleton.next())
        let address = try ServiceAddress(
            url: "http://127.0.0.1:\(service.port)", allowsRemote: false)
        let plan = fixture.plan([ArmPlan(role: .candidate, address: address)])
        #expect(try ReplayPlan.parse(plan.encode(), name: "plan") == plan)
        let (evidence, _) = try await fixture.run(plan)
        #expect(evidence.arms.last?.bundle == nil)
        #expect(evidence.arms.last?.environment["url"] == address.url)
        #expect(evidence.groups.map(\.path) == ["/score"])
        #expect(evidence.groups.map(\.notSent) == [20])
        #expect(evidence.notes.contains { $0.contains("runs already") })
        #expect(service.process.exit == nil)
        await service.end()
        do throws(AssayError) {
            _ = try await ReplayEngine.run(plan, store: fixture.store, environment: [:]) { _ in }
            Issue.record("nothing listened, and the replay ran")
        } catch {
            #expect(error.code == .service)
            #expect(error.message.contains("accepts no connection"))
        }
    }

    @Test("the sandbox and a service that runs already exclude each other")
    func sandboxed() throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(1))
        let plan = fixture.plan([ArmPlan(role: .candidate, address: .loopback(port: 1))]) {
            $0.isolation = .sandbox
        }
        #expect(throws: AssayError.self) { try plan.validate() }
    }

    @Test(
        "a URL is taken apart; another machine takes a word of consent",
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1", 8080), ("http://localhost", "localhost", 80),
            ("http://[::1]:99/", "::1", 99),
        ])
    func urls(url: String, host: String, port: Int) throws {
        let address = try ServiceAddress(url: url, allowsRemote: false)
        #expect((address.host, address.port) == (host, port))
    }

    @Test(
        "a URL that is none, or of another machine, is refused",
        arguments: [
            "https://127.0.0.1", "127.0.0.1:80", "http://127.0.0.1/predict", "http://:80",
            "http://127.0.0.1:0", "http://127.0.0.1:x", "http://example.org", "http://10.0.0.1",
            "http://user@127.0.0.1", "http://127.evil.example",
        ])
    func refused(url: String) {
        #expect(throws: AssayError.self) {
            try ServiceAddress(url: url, allowsRemote: false)
        }
    }

    @Test("arms that are served one after another show what they show side by side")
    func sequential() async throws {
        var recordings = ReplayFixture.plain(30)
        recordings[4].target = "/predict/garbage"
        let fixture = try ReplayFixture(recordings)
        let arms = [
            PythonService.arm(.baseline, options: ["mode=hash-order"]),
            PythonService.arm(.repeat, options: ["mode=hash-order"]),
            PythonService.arm(.candidate, options: ["mode=garbage", "score=0.7"]),
        ]
        let besides = try await fixture.run(fixture.plan(arms)).evidence
        let apart = try await fixture.run(fixture.plan(arms) { $0.arrangement = .sequential })
            .evidence
        #expect(apart.outcomes == besides.outcomes)
        #expect(apart.examples == besides.examples)
        #expect(apart.groups == besides.groups)
        #expect(apart.ledger == besides.ledger)
        #expect(apart.latency["candidate"]?.void?.contains("one after another") == true)
    }

    @Test("of several repeats any shows the noise, each place once")
    func repeats() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(10))
        let plan = fixture.plan([
            PythonService.arm(.baseline),
            PythonService.arm(.repeat, bundle: "baseline", options: ["score=0.1"]),
            PythonService.arm(.repetition(2), bundle: "baseline", options: ["score=0.2"]),
            PythonService.arm(.repetition(3), bundle: "baseline", options: ["mode=random"]),
            PythonService.arm(.candidate),
        ])
        #expect(try ReplayPlan.parse(plan.encode(), name: "plan") == plan)
        let (evidence, rows) = try await fixture.run(plan)
        #expect(
            evidence.arms.map(\.name)
                == ["recorded", "baseline", "repeat", "repeat-2", "repeat-3", "candidate"])
        for row in rows {
            #expect(row.differences[.noise]?.map(\.path) == ["/score", "/nonce"])
            #expect(row.differences[.effect] == [])
        }
    }

    @Test("replicas share the requests of their arm")
    func replicas() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(40))
        let plan = fixture.plan([
            PythonService.arm(.baseline), PythonService.arm(.candidate),
        ]) { $0.replicas = 2 }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(evidence.groups.isEmpty)
        #expect(rows.count == 40)
        #expect(evidence.arms.map(\.starts) == [0, 2, 2])
    }

    @Test("exchanges of routes that may not be sent again are left out and counted")
    func routes() async throws {
        var recordings = ReplayFixture.plain(10)
        recordings[3].target = "/order/3"
        recordings[4].target = "/order/4"
        let fixture = try ReplayFixture(recordings)
        let plan = fixture.plan([PythonService.arm()]) {
            $0.routes = [.init("GET /order/*", isReplayable: false), .init("GET /*/*")]
        }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(rows.count == 8)
        #expect(evidence.ledger.excluded == 2)
        #expect(evidence.ledger.notReplayed == 0)
        #expect(evidence.ledger.imbalance == nil)
        #expect(
            evidence.notes.contains {
                $0.hasPrefix("2 exchanges of GET /order/* were left out")
            })
    }

    @Test("latency is reported from the intended start and from the send")
    func latency() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(40))
        let plan = fixture.plan([PythonService.arm()]) { $0.pacing = .rate(200) }
        let (evidence, _) = try await fixture.run(plan)
        let latency = try #require(evidence.latency["candidate"])
        #expect(Set(latency.fromSend.keys) == Set(latency.quantiles.keys))
        for (name, value) in latency.fromSend {
            let fromIntended = try #require(latency.quantiles[name])
            #expect(value <= fromIntended)
        }
        let sending = try #require(evidence.sending)
        #expect(sending.exchanges == 40)
        // A machine that is busy sends late, and catches up.
        #expect(sending.nanoseconds + (sending.lateness["max"] ?? 0) >= 150_000_000)
        #expect(Set(sending.lateness.keys) == ["p50", "p99", "max"])
        #expect(try Evidence.parse(evidence.encode(), name: "evidence") == evidence)
    }
}
