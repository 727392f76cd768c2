import AssayCapture
import AssayCore

/// Does to live calls what a recording did to those that it kept: a password in a query is masked there,
/// and the call that the service makes now has it.
struct EgressRedaction: Sendable {
    let redactor: Redactor

    /// The ask as a recording would have it; `nil` if the rules take nothing out of the call, or if it
    /// is none that a recording would have kept. Costs a glance at each line of its head.
    func ask(name: String, call: HTTPMessage) -> EgressAsk? {
        do throws(AssayError) {
            guard let kept = try redactor.kept(request: call.bytes) else { return nil }
            return EgressAsk(name: name, call: try HTTPMessage(kept, role: .request))
        } catch {
            return nil
        }
    }
}
