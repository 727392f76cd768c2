import AssayCapture
import AssayCore
import NIOCore

/// One exchange of the capture, made ready to be sent: parsed once, on the reader's thread.
final class ReplayJob: Sendable {
    /// Its place among the exchanges that this run sends, and among all that it reads.
    let number: Int, position: Int
    let exchange: Exchange
    /// The request as it was recorded.
    let request: ArmRequest
    /// What production answered.
    let recorded: ArmAnswer
    /// Bytes that it holds, about.
    let size: Int
    /// What the service asked of others meanwhile; empty where no arm has stubs.
    let calls: [EgressBook.Recorded]
    /// The trace that those calls carry, where it is known.
    let trace: String?

    /// Makes an exchange ready, whose request has this head. Throws `.damaged` if a call of it cannot
    /// be read.
    init(
        _ exchange: Exchange, head: HTTPHead, number: Int, position: Int, plan: ReplayPlan
    ) throws(AssayError) {
        self.number = number
        self.position = position
        self.exchange = exchange
        request = ArmRequest(
            bytes: ByteBuffer(bytes: exchange.request), method: head.method,
            closes: head.lists("close", in: "connection"), timeout: plan.requestTimeout,
            limit: plan.answerLimit)
        var calls: [EgressBook.Recorded] = []
        let hasEgress = plan.arms.contains { !$0.egress.isEmpty }
        if hasEgress {
            for call in exchange.egress { calls.append(try EgressBook.Recorded(call)) }
        }
        self.calls = calls
        trace = exchange.trace.flatMap(TraceParent.traceID(of:))
        recorded = ArmAnswer(
            recorded: exchange, method: request.method, calls: hasEgress ? calls : nil)
        size = calls.reduce(2 * exchange.request.count + 2 * exchange.response.count + 1024) {
            $0 + 2 * $1.response.count + 256
        }
    }
}
