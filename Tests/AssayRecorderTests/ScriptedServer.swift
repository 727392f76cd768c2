import AssayCapture
import AssayRecorder
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// What a scripted server does with one request.
struct Reply: Sendable {
    /// Bytes of the answer, each piece flushed by itself.
    var pieces: [[UInt8]]
    /// Whether the connection is closed after them.
    var closes = false

    init(_ pieces: String..., closes: Bool = false) {
        self.pieces = pieces.map { Array($0.utf8) }
        self.closes = closes
    }

    init(pieces: [[UInt8]], closes: Bool = false) {
        self.pieces = pieces
        self.closes = closes
    }
}

/// An HTTP server on a loopback port that answers by a script and keeps all that it read.
final class ScriptedServer: Sendable {
    let address: Upstream
    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let bytes = Mutex<[[UInt8]]>([])
    }

    /// Listens; `answer` gives the reply to each request from its head, `nil` for none yet. With `tls` it
    /// speaks TLS.
    static func start(
        on group: MultiThreadedEventLoopGroup, tls: NIOSSLContext? = nil,
        answer: @escaping @Sendable (HTTPHead) -> EventLoopFuture<Reply>?
    ) async throws -> ScriptedServer {
        let log = Log()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let index = log.bytes.withLock { bytes in
                        bytes.append([])
                        return bytes.count - 1
                    }
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ScriptHandler(index: index, log: log, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(channel, log)
    }

    /// Listens and answers every request at once.
    static func start(
        on group: MultiThreadedEventLoopGroup, reply: @escaping @Sendable (HTTPHead) -> Reply
    ) async throws -> ScriptedServer {
        try await start(on: group) { head in group.any().makeSucceededFuture(reply(head)) }
    }

    private init(_ channel: any Channel, _ log: Log) {
        self.channel = channel
        self.log = log
        address = Upstream(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    /// What came in, by connection.
    var received: [[UInt8]] { log.bytes.withLock { $0 } }

    func stop() async throws { try await channel.close().get() }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let index: Int
    private let log: ScriptedServer.Log
    private let answer: (HTTPHead) -> EventLoopFuture<Reply>?
    private var framer = HTTPFramer(.request)
    private var waiting = 0
    private var isInputClosed = false

    init(
        index: Int, log: ScriptedServer.Log, answer: @escaping (HTTPHead) -> EventLoopFuture<Reply>?
    ) {
        self.index = index
        self.log = log
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        log.bytes.withLock { $0[index] += bytes }
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let taken = try? framer.consume(rest) else { return context.close(promise: nil) }
            rest = rest.dropFirst(taken)
            guard framer.isComplete, let head = framer.head else { break }
            framer = HTTPFramer(.request)
            reply(to: head, context)
        }
    }

    private func reply(to head: HTTPHead, _ context: ChannelHandlerContext) {
        guard let future = answer(head) else { return }
        waiting += 1
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        future.hop(to: context.eventLoop).whenSuccess { reply in
            let (handler, context) = bound.value
            for piece in reply.pieces {
                context.writeAndFlush(
                    handler.wrapOutboundOut(ByteBuffer(bytes: piece)), promise: nil)
            }
            handler.waiting -= 1
            if reply.closes || (handler.isInputClosed && handler.waiting == 0) {
                context.close(mode: .output, promise: nil)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else { return }
        isInputClosed = true
        if waiting == 0 { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
