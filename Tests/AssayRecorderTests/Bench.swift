import AssayCore
import AssayRecorder
import AssaySystem
import NIOPosix
import SystemPackage

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
