import AssayCore
import AssayRecorder
import AssaySystem
import NIOPosix
import SystemPackage
import Testing

@testable import AssayCapture

/// A recorder between a scripted server and a test, and what it recorded.
enum Bench {
    struct Outcome {
        let recording: Recording
        let exchanges: [Exchange]
    }

    static let group = MultiThreadedEventLoopGroup.singleton

    /// Runs a recorder before `server` while `body` talks to it.
    static func record(
        _ server: Upstream, change: (inout RecorderConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (Recorder, Recorder.Addresses) async throws -> Void
    ) async throws -> Outcome {
        let directory = try TemporaryDirectory(in: "/tmp")
        let journal = directory.path.appending("journal")
        var configuration = RecorderConfiguration(
            listen: Upstream(host: "127.0.0.1", port: 0), upstream: server, journal: journal)
        configuration.threads = 1
        change(&configuration)
        let recorder = try Recorder(configuration)
        let (addresses, announce) = AsyncStream<Recorder.Addresses>.makeStream()
        let (ends, end) = AsyncStream<Void>.makeStream()
        let recording = try await withThrowingTaskGroup(of: Recording?.self) { group in
            group.addTask {
                do {
                    return try await recorder.run(until: { for await _ in ends {} }) {
                        announce.yield($0)
                    }
                } catch {
                    announce.finish()
                    throw error
                }
            }
            group.addTask {
                defer { end.finish() }
                for await address in addresses {
                    try await body(recorder, address)
                    break
                }
                return nil
            }
            var recording: Recording?
            for try await each in group { recording = each ?? recording }
            return recording
        }
        guard let recording else { throw AssayError(.network, "the recorder gave no recording") }
        return Outcome(recording: recording, exchanges: try exchanges(in: configuration.journal))
    }

    /// As `record`, beside a dependency named `store` that `caller` calls through the recorder.
    static func record(
        _ server: Upstream, beside store: Upstream, calledBy caller: Caller,
        _ body: @escaping @Sendable (Recorder, Recorder.Addresses) async throws -> Void
    ) async throws -> Outcome {
        try await record(server) { configuration in
            configuration.egress = [
                .init(
                    name: "store", listen: Upstream(host: "127.0.0.1", port: 0), upstream: store)
            ]
        } _: { recorder, addresses in
            caller.set(try #require(addresses.egress["store"]))
            try await body(recorder, addresses)
        }
    }

    /// A dependency that answers each call with the same four bytes.
    static func startStore() async throws -> ScriptedServer {
        try await ScriptedServer.start(on: group) { _ in
            Reply("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "feat")
        }
    }

    /// The exchanges of a journal.
    static func exchanges(in journal: FilePath) throws -> [Exchange] {
        var exchanges: [Exchange] = []
        var reader = try FrameReader(path: journal)
        while let frame = try reader.next() {
            var decoder = ExchangeDecoder(frame.content)
            while let exchange = try decoder.next() { exchanges.append(exchange) }
        }
        return exchanges
    }
}
