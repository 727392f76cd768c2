import AssayCapture
import AssayRecorder
import NIOCore
import NIOPosix

/// A connection that sends bytes as it is told and keeps those that come.
struct RawClient {
    let channel: any Channel
    private let chunks: AsyncStream<[UInt8]>
    private var iterator: AsyncStream<[UInt8]>.Iterator
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false

    init(_ group: MultiThreadedEventLoopGroup, to address: Upstream) async throws {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
        chunks = stream
        iterator = stream.makeAsyncIterator()
        channel = try await ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: address.host, port: address.port).get()
    }

    /// Sends bytes in pieces of `size`, each flushed by itself.
    func send(_ bytes: [UInt8], piece size: Int = .max) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await channel.writeAndFlush(ByteBuffer(bytes: rest.prefix(size))).get()
            rest = rest.dropFirst(size)
        }
    }

    func send(_ text: String, piece size: Int = .max) async throws {
        try await send(Array(text.utf8), piece: size)
    }

    /// Reads until `count` bytes have come in all, or the connection ends.
    mutating func read(upTo count: Int) async {
        while received.count < count, let chunk = await iterator.next() { received += chunk }
    }

    /// Reads to the end of the connection.
    mutating func readToEnd() async {
        while let chunk = await iterator.next() { received += chunk }
        hasEnded = true
    }

    func closeOutput() async throws { try await channel.close(mode: .output).get() }

    func close() async { try? await channel.close().get() }

    var text: String { String(decoding: received, as: UTF8.self) }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(_ continuation: AsyncStream<[UInt8]>.Continuation) {
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { continuation.finish() }
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
