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
    /// Whether the connection stands; asking the channel costs more than a send may.
    private var isActive = false
    /// The timer that looks after deadlines, and when it goes off. It goes on over many requests:
    /// one that is answered in time costs no timer of its own.
    private var timer: Scheduled<Void>?
    private var timerAt = Int64.max

    /// Whether a request can be sent.
    var isOpen: Bool { isActive && flight == nil }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isActive = context.channel.isActive
    }

    func channelActive(context: ChannelHandlerContext) {
        isActive = true
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        isActive = false
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
        var buffer = unwrapInboundIn(data)
        guard flight != nil else {
            // Nobody asked: what comes now could be taken for the next answer.
            close()
            return
        }
        if flight?.firstByteAt == nil { flight?.firstByteAt = MonotonicClock.now }
        do throws(ArmFailure) {
            let piece = buffer.readBytes(length: buffer.readableBytes) ?? []
            if try flight?.assembler.feed(piece) == true { succeed() }
        } catch {
            fail(error.kind)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isActive = false
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
        guard let flight = flight.take() else { return }
        let now = MonotonicClock.now
        guard let (message, status, keepsAlive) = flight.assembler.finish() else {
            self.flight = flight
            return fail(.malformed)
        }
        if !keepsAlive || flight.closes { close() }
        flight.done(
            .success(
                TimedAnswer(
                    message: message, status: status, sentAt: flight.sentAt,
                    firstByteAt: flight.firstByteAt ?? now, endedAt: now)))
    }

    private func close() {
        isActive = false
        context?.close(promise: nil)
    }

    private func fail(_ kind: ExchangeOutcome.Failure) {
        // Before the close, which says that the connection ended.
        let flight = flight.take()
        close()
        flight?.done(
            .failure(ArmFailure(kind: kind, sawBytes: flight?.firstByteAt != nil)))
    }
}
