import NIOCore
import NIOPosix
import Synchronization

/// A proxy that tunnels: whatever host is asked for, the bytes go to one port of loopback.
public final class TunnelProxy: Sendable {
    private let heads = Mutex<[String]>([])
    private let listening = Mutex(0)
    private let refusal: String?

    /// Where it listens.
    public var port: Int { listening.withLock { $0 } }
    /// The heads of the requests that came, in order.
    public var requests: [String] { heads.withLock { $0 } }

    private init(refusal: String?) { self.refusal = refusal }

    private typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Runs a proxy to a port while `body` does; with `refusal`, such as `403 Forbidden`, it lets nobody
    /// through.
    public static func with<R: Sendable>(
        to target: Int, refusal: String? = nil,
        _ body: @escaping @Sendable (TunnelProxy) async throws -> R
    ) async throws -> R {
        let proxy = TunnelProxy(refusal: refusal)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Channel(wrappingChannelSynchronously: channel)
                }
            }
        proxy.listening.withLock { $0 = server.channel.localAddress?.port ?? 0 }
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await body(proxy) }
            group.addTask {
                try await server.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            group.addTask { await proxy.serve(connection, to: target) }
                        }
                    }
                }
                return nil
            }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    private func serve(_ connection: Channel, to target: Int) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                var iterator = inbound.makeAsyncIterator()
                var head = ""
                while !head.hasSuffix("\r\n\r\n") {
                    guard let part = try await iterator.next() else { return }
                    head += String(buffer: part)
                }
                heads.withLock { $0.append(head) }
                if let refusal {
                    let answer = "HTTP/1.1 \(refusal)\r\nContent-Length: 0\r\n\r\n"
                    return try await outbound.write(ByteBuffer(string: answer))
                }
                let onward = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: target) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try Channel(wrappingChannelSynchronously: channel)
                        }
                    }
                try await onward.executeThenClose { back, forth in
                    try await outbound.write(
                        ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"))
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            for try await part in back { try await outbound.write(part) }
                        }
                        while let part = try await iterator.next() { try await forth.write(part) }
                        group.cancelAll()
                    }
                }
            }
        } catch {
            // A connection that ends is how a tunnel ends.
        }
    }
}
