import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Stands at a port of its own and counts who connects.
final class CountingListener: Sendable {
    private final class Heard: Sendable {
        let count = Atomic<Int>(0)
    }

    private let heard: Heard
    private let channel: any Channel
    /// Where it stands.
    let port: Int

    init(host: String = "127.0.0.1") async throws {
        let heard = Heard()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                heard.count.add(1, ordering: .relaxed)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: host, port: 0).get()
        self.heard = heard
        port = try #require(channel.localAddress?.port)
    }

    /// How many have connected so far.
    var count: Int { heard.count.load(ordering: .relaxed) }

    /// Waits until somebody is counted, which is a little after that one's `connect` has returned, and
    /// gives how many are.
    func firstCount() async throws -> Int {
        for _ in 0..<3000 where count == 0 { try await Task.sleep(for: .milliseconds(20)) }
        return count
    }

    func close() async throws { try await channel.close() }
}
