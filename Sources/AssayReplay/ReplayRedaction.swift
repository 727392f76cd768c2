import AssayCapture
import AssayCore
import AssayEvidence
import Synchronization

/// Does to what live arms say what a recording did to what it kept, so that the two can be compared and
/// no secret goes into evidence; and puts back into requests what a recording took from them.
final class ReplayRedaction: Sendable {
    private let redactor: Redactor
    /// What is put back, and is kept nowhere.
    let secrets: RedactionSecrets

    private struct Seen {
        /// Places of which the value was dropped or masked.
        var hidden: Set<String> = []
        var notes: Set<String> = []
    }

    private let seen = Mutex(Seen())

    init(_ redactor: Redactor, secrets: RedactionSecrets = .none) {
        self.redactor = redactor
        self.secrets = secrets
    }

    var rules: RedactionRules { redactor.rules }

    /// Tells the rules and their key from others.
    var digest: Digest { redactor.digest }

    /// A call to a dependency as a recording would have it; `nil` if nothing is taken out of the call.
    /// Of one that cannot be redacted, and that no recording would have kept, nothing is told but its
    /// method and its body's digest.
    ///
    /// In a recorded call numbers stay at places that were redacted `before`, as in `Exchange.redacted`.
    /// Costs a glance at each line of its head, and a parse of its body if rules name places there.
    func ask(name: String, call: HTTPMessage, before: [String] = []) -> EgressAsk? {
        do throws(AssayError) {
            let kept = try redactor.kept(
                request: call.bytes, part: "egress \(name) request", before: before)
            guard kept != nil || !secrets.isEmpty else { return nil }
            var ask = EgressAsk(
                name: name,
                call: try kept.map { (bytes) throws(AssayError) in
                    try HTTPMessage(bytes, role: .request)
                } ?? call)
            let target = secrets.hidden(in: ask.target)
            guard kept != nil || target != ask.target else { return nil }
            ask.target = target
            return ask
        } catch {
            var ask = EgressAsk(name: name, call: call)
            ask.target = Redactor.mask
            return ask
        }
    }

    /// The request of an exchange with what is put back into it; `nil` if that is nothing. Throws
    /// `.unsupported` for one that cannot be read.
    func request(of exchange: Exchange) throws(AssayError) -> [UInt8]? {
        secrets.isEmpty ? nil : try secrets.request(of: exchange)
    }

    /// A recorded answer as it would be kept today, and without what is put back. What was redacted then
    /// stays as it is.
    func kept(
        recorded answer: ArmAnswer, of exchange: Exchange, method: String
    ) throws(AssayError) -> ArmAnswer {
        guard let message = answer.message else { return answer }
        var answer = answer
        answer.message = try redacted(message, toMethod: method, before: exchange.redacted).message
        return answer
    }

    /// An answer as it may be kept: redacted, and without what was put back; with what redaction did to
    /// it, and whether its body was dropped since a secret may be in it.
    private func redacted(
        _ message: HTTPMessage, toMethod method: String, before: [String] = []
    ) throws(AssayError) -> (
        message: HTTPMessage, kept: Redactor.KeptResponse?, isBodyDropped: Bool
    ) {
        let kept = try redactor.kept(response: message, toMethod: method, before: before)
        let message = kept?.message ?? message
        let hidden = try secrets.hidden(in: message, toMethod: method)
        return (hidden?.message ?? message, kept, hidden?.isBodyDropped ?? false)
    }

    /// What the live arms answered as a recording would have kept it. An answer that cannot be redacted
    /// counts as malformed. Throws `.limit` without memory for a parser.
    func kept(_ result: ReplayPass.Result) throws(AssayError) -> ReplayPass.Result {
        var result = result
        let method = result.job.request.method
        var known: [(before: HTTPMessage, after: ArmAnswer)] = []
        try result.answers.change { (answer) throws(AssayError) in
            guard let message = answer.message else { return }
            if redactor.readsBodies,
                let other = known.first(where: { $0.before.bytes == message.bytes })
            {
                answer.message = other.after.message
                answer.status = other.after.status
                answer.failure = other.after.failure
                return
            }
            try redact(&answer, message, method: method)
            known.append((message, answer))
        }
        return result
    }

    private func redact(
        _ answer: inout ArmAnswer, _ message: HTTPMessage, method: String
    ) throws(AssayError) {
        do throws(AssayError) {
            let redacted = try redacted(message, toMethod: method)
            if let kept = redacted.kept { note(kept) }
            if redacted.isBodyDropped { noteDrop() }
            answer.message = redacted.message
        } catch  where error.code != .limit {
            answer.message = nil
            answer.status = nil
            answer.failure = .malformed
        }
    }

    private func note(_ kept: Redactor.KeptResponse) {
        seen.withLock { seen in
            for (place, action) in kept.places where action == .drop || action == .mask {
                seen.hidden.insert(place)
            }
            if !kept.notes.isEmpty { seen.notes.formUnion(kept.notes) }
        }
    }

    /// Notes that a body was dropped since a secret may be in it.
    private func noteDrop() {
        seen.withLock { seen in
            seen.hidden.insert("response body")
            seen.notes.insert(
                "the response body may hold a secret that was put back, and its content encoding "
                    + "could not be undone: it was dropped")
        }
    }

    /// Sentences about bodies that could not be read.
    var notes: Set<String> { seen.withLock { $0.notes } }

    /// Places that were dropped from live answers or masked, of headers those that are compared; `nil`
    /// as those are all.
    func uncompared(headers: [String]?) -> Set<String> {
        var places: Set<String> = []
        for place in seen.withLock({ $0.hidden }) where place.hasPrefix("response ") {
            let place = place.dropFirst(9)
            if place.hasPrefix("header ") {
                let name = String(place.dropFirst(7))
                if headers?.contains(name) ?? true {
                    places.insert("header:\(name)")
                }
            } else if place.hasPrefix("body") {
                places.insert(place == "body" ? "body" : String(place.dropFirst(5)))
            }
        }
        return places
    }
}
