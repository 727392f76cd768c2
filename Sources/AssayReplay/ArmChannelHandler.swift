import AssayEvidence
import NIOCore

/// Writes requests, gathers answers, keeps their times and limits. Lives on its event loop.
final class ArmChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = PromisedRequest
    typealias OutboundOut = ByteBuffer

    private struct Exchange {
        var promise: EventLoopPromise<TimedAnswer>
        var assembler: AnswerAssembler
        var closes: Bool
        var sentAt: Int64
        var firstByteAt: Int64?
        var timeout: Scheduled<Void>?
    }

    private var current: Exchange?

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let outgoing = unwrapOutboundIn(data)
        let request = outgoing.request
        guard current == nil, context.channel.isActive else {
            outgoing.promise.fail(ArmFailure(kind: .closed))
            promise?.succeed()
            return
        }
        let channel = context.channel
        let timeout = context.eventLoop.assumeIsolated().scheduleTask(
            in: .nanoseconds(request.timeout.nanoseconds)
        ) { [weak self] in
            if let self { fail(.timedOut, channel: channel) }
        }
        current = Exchange(
            promise: outgoing.promise,
            assembler: AnswerAssembler(method: request.method, limit: request.limit),
            closes: request.closes, sentAt: MonotonicClock.now, timeout: timeout)
        context.write(wrapOutboundOut(ByteBuffer(bytes: request.bytes)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard var exchange = current else {
            // Nobody asked: what comes now could be taken for the next answer.
            context.close(promise: nil)
            return
        }
        if exchange.firstByteAt == nil { exchange.firstByteAt = MonotonicClock.now }
        current = nil
        let isWhole: Bool
        do throws(ArmFailure) {
            isWhole = try exchange.assembler.feed(Array(buffer.readableBytesView))
        } catch {
            current = exchange
            fail(error.kind, channel: context.channel)
            return
        }
        current = exchange
        if isWhole { succeed(channel: context.channel) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if var exchange = current {
            current = nil
            let isWhole = exchange.assembler.end()
            current = exchange
            if isWhole {
                succeed(channel: context.channel)
            } else {
                fail(.closed, channel: context.channel)
            }
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.closed, channel: context.channel)
    }

    private func succeed(channel: any Channel) {
        guard let exchange = current else { return }
        let now = MonotonicClock.now
        guard let (answer, keepsAlive) = exchange.assembler.finish() else {
            return fail(.malformed, channel: channel)
        }
        current = nil
        exchange.timeout?.cancel()
        if !keepsAlive || exchange.closes { channel.close(promise: nil) }
        exchange.promise.succeed(
            TimedAnswer(
                answer: answer, sentAt: exchange.sentAt,
                firstByteAt: exchange.firstByteAt ?? now, endedAt: now))
    }

    private func fail(_ kind: ExchangeOutcome.Failure, channel: any Channel) {
        let exchange = current
        // Before the close, which says that the connection ended.
        current = nil
        exchange?.timeout?.cancel()
        exchange?.promise.fail(ArmFailure(kind: kind, sawBytes: exchange?.firstByteAt != nil))
        channel.close(promise: nil)
    }
}
