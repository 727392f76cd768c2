import NIOCore

/// Passes what one channel reads on to the other, unchanged, and reads no faster than the other
/// side takes it.
final class RelayHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Which end of the connection the channel leads to.
    enum Side: Sendable {
        case client, service
    }

    private let side: Side
    private let connection: RelayedConnection
    /// The handler of the other channel.
    var partner: RelayHandler?
    private var context: ChannelHandlerContext?
    private var hasPendingRead = false
    private var isOutputClosed = false

    init(side: Side, connection: RelayedConnection) {
        self.side = side
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        connection.received(buffer, from: side)
        partner?.write(buffer)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        partner?.context?.flush()
        connection.closeIfDrained()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if partner?.isWritable ?? true {
            context.read()
        } else {
            hasPendingRead = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { partner?.resumeReading() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            connection.inputEnded(side)
            partner?.closeOutput()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.closed()
        partner?.closeAfterWrites()
        connection.channelGone(side)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A peer that went away, or in TLS one that did not say that this is its end.
        connection.broken()
        context.close(promise: nil)
    }

    private var isWritable: Bool { context?.channel.isWritable ?? true }

    private func resumeReading() {
        guard hasPendingRead else { return }
        hasPendingRead = false
        context?.read()
    }

    private func write(_ buffer: ByteBuffer) {
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    /// Sends the end of the stream after all that was written.
    private func closeOutput() {
        guard !isOutputClosed, let context else { return }
        isOutputClosed = true
        context.flush()
        context.close(mode: .output, promise: nil)
    }

    /// Closes the channel when all that was written has left.
    func closeAfterWrites() {
        guard let context else { return }
        guard !isOutputClosed else { return close() }
        let empty = wrapOutboundOut(ByteBuffer())
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(empty).whenComplete { _ in bound.value.close(promise: nil) }
    }

    /// Closes the channel now.
    func close() {
        context?.close(promise: nil)
    }
}
