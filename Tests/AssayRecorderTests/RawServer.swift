import AssayRecorder
import NIOCore
import NIOPosix

/// A server that answers whatever first comes on a connection with the same bytes.
struct RawServer {
    let address: Upstream
    private let channel: any Channel

    static func start(on group: MultiThreadedEventLoopGroup, answers bytes: [UInt8]) async throws
        -> RawServer
    {
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawHandler(bytes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return RawServer(
            address: Upstream(host: "127.0.0.1", port: channel.localAddress?.port ?? 0),
            channel: channel)
    }

    func stop() async throws { try await channel.close().get() }
}

private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
