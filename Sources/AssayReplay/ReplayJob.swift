import AssayCapture
import AssayCore
import NIOCore

/// One exchange of the capture, made ready to be sent: parsed once, on the reader's thread.
final class ReplayJob: Sendable {
    /// Its place among the exchanges that this run sends, and among all that it reads.
    let number: Int, position: Int
    let exchange: Exchange
    /// The request as it was recorded, with what is put back into it.
    let request: ArmRequest
    /// What production answered, without what redaction takes from it.
    let recorded: ArmAnswer
    /// Bytes that it holds, about.
    let size: Int
    /// What the service asked of others meanwhile; empty where no arm has stubs.
    let calls: [EgressBook.Recorded]
    /// The trace that those calls carry, where it is known.
    let trace: String?

    /// Makes an exchange ready, whose request has this head. Throws `.damaged` if a call of it cannot
    /// be read, and `.limit` without memory to redact its answer.
    init(
        _ exchange: Exchange, head: HTTPHead, number: Int, position: Int, plan: ReplayPlan,
        redaction: ReplayRedaction? = nil
    ) throws(AssayError) {
        self.number = number
        self.position = position
        self.exchange = exchange
        request = ArmRequest(
            bytes: ByteBuffer(
                bytes: try redaction?.request(of: exchange) ?? exchange.request),
            method: head.method,
            closes: head.lists("close", in: "connection"), timeout: plan.requestTimeout,
            limit: plan.answerLimit)
        var calls: [EgressBook.Recorded] = []
        let hasEgress = plan.arms.contains { !$0.egress.isEmpty }
        if hasEgress {
            for call in exchange.egress {
                calls.append(
                    try EgressBook.Recorded(
                        call, redaction: redaction, before: exchange.redacted))
            }
        }
        self.calls = calls
        trace = exchange.trace.flatMap(TraceParent.traceID(of:))
        let recorded = ArmAnswer(
            recorded: exchange, method: request.method, calls: hasEgress ? calls : nil)
        self.recorded =
            try redaction?.kept(recorded: recorded, of: exchange, method: request.method)
            ?? recorded
        size = calls.reduce(2 * exchange.request.count + 2 * exchange.response.count + 1024) {
            $0 + 2 * $1.response.count + 256
        }
    }
}
