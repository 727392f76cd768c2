import AssayCapture
import AssayCore
import NIOCore

/// One connection of a service to a stub: reads calls, answers each from the book.
final class EgressStubHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let name: String
    private let latency: ReplayPlan.EgressLatency
    /// Calls that came while an answer was being held back, in their order.
    private var held: [HTTPMessage] = []
    private var isHolding = false
    private let redaction: ReplayRedaction?
    private let answer: @Sendable (EgressAsk, EgressAsk?, String?) -> EgressBook.Reply
    private let foreign: @Sendable (ForeignProtocol) -> Void
    private var isFirst = true
    private var framer = HTTPFramer(.request)
    private var bytes: [UInt8] = []

    init(
        name: String, latency: ReplayPlan.EgressLatency, redaction: ReplayRedaction?,
        answer: @escaping @Sendable (EgressAsk, EgressAsk?, String?) -> EgressBook.Reply,
        foreign: @escaping @Sendable (ForeignProtocol) -> Void
    ) {
        self.name = name
        self.latency = latency
        self.redaction = redaction
        self.answer = answer
        self.foreign = foreign
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var piece = Array(unwrapInboundIn(data).readableBytesView)[...]
        if isFirst, let found = ForeignProtocol(piece) {
            foreign(found)
            refuse("\(found.rawValue) is not spoken here, only HTTP/1", context: context)
            return
        }
        isFirst = false
        while !piece.isEmpty {
            do throws(AssayError) {
                let taken = try framer.consume(piece)
                bytes += piece.prefix(taken)
                piece = piece.dropFirst(taken)
            } catch {
                refuse("the call cannot be read: \(error.message)", context: context)
                return
            }
            expectContinue(context: context)
            guard framer.isComplete, let head = framer.head else { continue }
            let call = HTTPMessage(bytes: bytes, head: head, bodyOffset: framer.bodyOffset)
            framer = HTTPFramer(.request)
            bytes = []
            if isHolding { held.append(call) } else { reply(to: call, context: context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// A caller may wait for leave before it sends its body.
    private func expectContinue(context: ChannelHandlerContext) {
        guard !framer.isComplete, let head = framer.head, bytes.count == framer.bodyOffset,
            head.lists("100-continue", in: "expect")
        else { return }
        write("HTTP/1.1 100 Continue\r\n\r\n".utf8, context: context)
    }

    private func reply(to call: HTTPMessage, context: ChannelHandlerContext) {
        let ask = EgressAsk(name: name, call: call)
        let trace = call.head["traceparent"].flatMap(TraceParent.traceID(in:))
        switch answer(ask, redaction?.ask(name: name, call: call), trace) {
        case .recorded(let response, let time):
            guard latency == .recorded, time > 0 else {
                return send(response, to: call, ask: ask, context: context)
            }
            isHolding = true
            context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(time)) {
                self.isHolding = false
                self.send(response, to: call, ask: ask, context: context)
                while !self.isHolding, !self.held.isEmpty {
                    self.reply(to: self.held.removeFirst(), context: context)
                }
            }
        case .miss(let sentence, let line):
            refuse(sentence, line: line, context: context)
        }
    }

    private func send(
        _ response: [UInt8], to call: HTTPMessage, ask: EgressAsk, context: ChannelHandlerContext
    ) {
        write(response, context: context)
        if call.head.lists("close", in: "connection") || !Self.staysOpen(after: response, to: ask) {
            context.close(promise: nil)
        }
    }

    /// Whether a recorded answer says by itself where it ends, and lets the connection live on.
    private static func staysOpen(after response: [UInt8], to ask: EgressAsk) -> Bool {
        var framer = HTTPFramer(.response(toMethod: ask.method))
        // A recording that cannot be framed is passed on as it is, and its end closes it.
        guard let taken = try? framer.consume(response[...]), taken == response.count else {
            return false
        }
        return framer.isComplete && framer.head?.lists("close", in: "connection") == false
    }

    private func refuse(
        _ sentence: String, line: String? = nil, context: ChannelHandlerContext
    ) {
        let body = CanonicalJSON.encode(
            .object(present: [
                "error": .string("assay: \(sentence)"),
                "hint": line.map { _ in
                    "if the call is rightly new, answer it with --egress-answers FILE, by such a line"
                }, "line": line.map { .string($0) },
            ]))
        write(
            Array(
                "HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
                    .utf8) + body, context: context)
        context.close(promise: nil)
    }

    private func write(_ bytes: some Sequence<UInt8>, context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}

extension EgressAsk {
    /// The key of a whole call.
    init(name: String, call: HTTPMessage) {
        self.init(
            name: name, method: call.head.method, target: call.head.target,
            body: Digest(of: call.body))
    }
}

extension EgressBook.Recorded {
    /// A call of a capture, asked as a recording would have it today, `before` being what was redacted
    /// then; throws `.damaged` if its request cannot be read.
    init(
        _ call: EgressCall, redaction: ReplayRedaction? = nil, before: [String] = []
    ) throws(AssayError) {
        let message = try HTTPMessage(call.request, role: .request)
        self.init(
            ask: redaction?.ask(name: call.name, call: message, before: before)
                ?? EgressAsk(name: call.name, call: message), response: call.response,
            latency: max(0, call.endedAfter - call.startedAfter))
    }
}
