import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence
import AssaySystem
import AssayTestKit
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage
import Testing

@testable import AssayReplay

@Suite("calls of a service are forwarded to nobody", .serialized)
struct EgressForwardingTests {
    /// Whether the replay is over.
    private final class End: Sendable {
        let hasCome = Atomic<Bool>(false)
    }

    /// What was seen of the sockets of a replay.
    private struct Sightings {
        var samples = 0, sockets = 0
        var faults: Set<String> = []
    }

    @Test(
        "the dependency itself, at its own address, hears nothing of what was not recorded",
        arguments: [Evidence.Isolation.process, .none])
    func dependency(isolation: Evidence.Isolation) async throws {
        let listener = try await CountingListener()
        let port = listener.port
        let fixture = try ReplayFixture(
            (0..<20).map { number in
                let target = "/predict/\(number)"
                return ReplayFixture.Recording(
                    target: target, answer: ReplayFixture.answer(target), session: "s\(number)",
                    egress: [(target: "/features?id=\(number)", answer: "{}")],
                    egressHost: "127.0.0.1:\(port)")
            })
        let marker = "marker=\(fixture.directory.path)"
        let candidate = PythonService.arm(
            egress: [ArmPlan.Egress(name: "features", variable: "FEATURES_URL")],
            options: [
                "egress=FEATURES_URL", "mode=wants-out", "dependency=127.0.0.1:\(port)", marker,
                "ask=/features?version=2&id=",
            ])
        let plan = fixture.plan([candidate]) {
            $0.isolation = isolation
            $0.pacing = .rate(20)
            // Calls without a trace belong to the only exchange in flight.
            $0.concurrency = 1
            $0.confirmation.processes = 0
        }
        let end = End()
        let (evidence, seen) = try await withThrowingTaskGroup(of: Sightings.self) { group in
            group.addTask {
                try await blocking { try Self.watch(marker: marker, port: port, until: end) }
            }
            defer { end.hasCome.store(true, ordering: .relaxed) }
            // The variable of the person who runs the replay names the dependency itself.
            let evidence = try await ReplayEngine.run(
                plan, store: fixture.store,
                environment: ["FEATURES_URL": "http://127.0.0.1:\(port)", "PATH": "/usr/bin:/bin"]
            ) { _ in }
            end.hasCome.store(true, ordering: .relaxed)
            return (evidence, try await group.next() ?? Sightings())
        }
        #expect(listener.count == 0)
        #expect(seen.faults.isEmpty, "\(seen.faults)")
        #expect(seen.samples > 2)
        #expect(evidence.ledger.unmatched == 20)
        // Four calls of each exchange were answered here, with 502.
        let row = try #require(try fixture.rows(evidence).first)
        #expect(row.arms["candidate"]?.unmatchedEgress == 4)
        let example = try #require(
            try EvidenceBlobs.example(row.exchange, of: evidence, store: fixture.store)?.answer(
                of: "candidate"))
        let body = String(decoding: example.body, as: UTF8.self)
        #expect(body.split(separator: "HTTP/1.1 502 Bad Gateway").count == 4, "\(body)")
        // The listener does hear whoever calls it.
        let caller = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        try await caller.close()
        #expect(try await listener.firstCount() == 1)
        try await listener.close()
    }

    /// The processes that are neither services nor of this program, as what it has just forked is.
    private static func others(than services: [String]) throws -> [String] {
        func program(_ process: String) -> [UInt8]? {
            try? FileSystem.target(of: FilePath("/proc/\(process)/exe"))
        }
        let own = program("self")
        return try FileSystem.names(in: "/proc").filter { name in
            Int(name) != nil && !services.contains(name) && program(name) != own
        }
    }

    /// Looks at the sockets of all services of a replay until it is over: each is connected with this
    /// process and nobody else, and nobody at all with the dependency.
    private static func watch(
        marker: String, port: Int, until end: End
    ) throws -> Sightings {
        var seen = Sightings()
        while !end.hasCome.load(ordering: .relaxed) {
            let services = try PythonService.processes(containing: marker)
            let inodes = services.reduce(into: Set<Int>()) {
                $0.formUnion(SocketTable.inodes(of: $1))
            }
            let rows = try SocketTable().rows
            let before = seen.sockets
            let ours = SocketTable.inodes(of: "self")
            var strangers: Set<Int> = []
            for row in rows {
                if row.remotePort == port || row.localPort == port && !row.isListening {
                    seen.faults.insert("somebody is connected with the dependency: \(row)")
                }
                guard inodes.contains(row.inode), !row.isListening else { continue }
                seen.sockets += 1
                if !row.isToLoopback { seen.faults.insert("a service is connected with \(row)") }
                // A peer that is gone already has no inode any more.
                let peers = rows.filter {
                    $0.localPort == row.remotePort && $0.remotePort == row.localPort && $0.inode > 0
                }
                for peer in peers where !ours.contains(peer.inode) && !inodes.contains(peer.inode) {
                    strangers.insert(peer.inode)
                }
            }
            // One that was ours, and was closed between the two looks, is nobody's.
            if !strangers.isEmpty {
                for other in try Self.others(than: services)
                where !SocketTable.inodes(of: other).isDisjoint(with: strangers) {
                    seen.faults.insert("a service is connected with process \(other)")
                }
            }
            if seen.sockets > before { seen.samples += 1 }
            usleep(1000)
        }
        return seen
    }
}
