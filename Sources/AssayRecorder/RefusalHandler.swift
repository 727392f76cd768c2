import NIOCore

/// Answers the first request of a connection whose upstream could not be reached with 502, and
/// closes it. Nothing else a recorder says is its own.
final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let upstream: Upstream
    private let failure: HandshakeFailure?
    private let onAnswer: () -> Void
    private var hasAnswered = false

    init(upstream: Upstream, failure: HandshakeFailure?, onAnswer: @escaping () -> Void) {
        self.upstream = upstream
        self.failure = failure
        self.onAnswer = onAnswer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasAnswered else { return }
        hasAnswered = true
        onAnswer()
        let reason = failure.map { " in TLS: \($0)" } ?? ""
        let body = "assay: could not connect to upstream \(upstream)\(reason)\n"
        let text =
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        context.close(mode: .output, promise: nil)
        // What the client still sends is read, since a close with unread bytes would take the
        // answer back; but not for ever.
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .seconds(2)) { bound.value.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
