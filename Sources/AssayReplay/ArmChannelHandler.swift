import AssayCore
import AssayEvidence
import NIOCore

/// Writes requests, gathers answers, keeps their times and limits. Lives on its event loop.
final class ArmChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Completion = (Result<TimedAnswer, ArmFailure>) -> Void

    private struct Flight {
        var done: Completion
        var assembler: AnswerAssembler
        var closes: Bool
        var sentAt: Int64
        var firstByteAt: Int64?
        /// When it is given up.
        var deadline: Int64
    }

    private var flight: Flight?
    private var context: ChannelHandlerContext?
    /// The timer that looks after deadlines, and when it goes off. It goes on over many requests:
    /// one that is answered in time costs no timer of its own.
    private var timer: Scheduled<Void>?
    private var timerAt = Int64.max

    /// Whether a request can be sent.
    var isOpen: Bool { context?.channel.isActive == true && flight == nil }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    /// Sends a request; `done` is called once, when the answer is whole or there will be none.
    func send(_ request: ArmRequest, then done: @escaping Completion) {
        guard let context, isOpen else { return done(.failure(ArmFailure(kind: .closed))) }
        let now = MonotonicClock.now
        let (deadline, isNever) = now.addingReportingOverflow(request.timeout.nanoseconds)
        flight = Flight(
            done: done, assembler: AnswerAssembler(method: request.method, limit: request.limit),
            closes: request.closes, sentAt: now, deadline: isNever ? .max : deadline)
        if !isNever { watch(deadline, context) }
        context.writeAndFlush(wrapOutboundOut(request.bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard flight != nil else {
            // Nobody asked: what comes now could be taken for the next answer.
            context.close(promise: nil)
            return
        }
        if flight?.firstByteAt == nil { flight?.firstByteAt = MonotonicClock.now }
        do throws(ArmFailure) {
            if try flight?.assembler.feed(Array(buffer.readableBytesView)) == true { succeed() }
        } catch {
            fail(error.kind)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if flight != nil {
            if flight?.assembler.end() == true { succeed() } else { fail(.closed) }
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.closed)
    }

    private func watch(_ deadline: Int64, _ context: ChannelHandlerContext) {
        guard deadline < timerAt else { return }
        timer?.cancel()
        timerAt = deadline
        timer = context.eventLoop.assumeIsolated().scheduleTask(
            deadline: .uptimeNanoseconds(UInt64(deadline))
        ) { [weak self] in
            self?.timerWentOff()
        }
    }

    private func timerWentOff() {
        timer = nil
        timerAt = .max
        guard let flight, let context else { return }
        if flight.deadline <= MonotonicClock.now {
            fail(.timedOut)
        } else if flight.deadline < .max {
            watch(flight.deadline, context)
        }
    }

    private func succeed() {
        guard let flight else { return }
        let now = MonotonicClock.now
        guard let (message, status, keepsAlive) = flight.assembler.finish() else {
            return fail(.malformed)
        }
        self.flight = nil
        if !keepsAlive || flight.closes { context?.close(promise: nil) }
        flight.done(
            .success(
                TimedAnswer(
                    message: message, status: status, sentAt: flight.sentAt,
                    firstByteAt: flight.firstByteAt ?? now, endedAt: now)))
    }

    private func fail(_ kind: ExchangeOutcome.Failure) {
        let flight = flight
        // Before the close, which says that the connection ended.
        self.flight = nil
        context?.close(promise: nil)
        flight?.done(
            .failure(ArmFailure(kind: kind, sawBytes: flight?.firstByteAt != nil)))
    }
}
