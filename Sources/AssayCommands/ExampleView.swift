import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence
import AssayGate
import AssayReplay
import AssayReports
import AssayStore

/// Shows exchanges whose answers differ, both answers side by side.
struct ExampleView {
    let store: Store
    let style: TextStyle

    /// An example for each check that blocks or holds, by its id.
    func examples(of outcome: GateRun.Outcome) throws -> [String: [String]] {
        var shown: [String: [String]] = [:]
        for check in outcome.judgement.checks where check.effect >= .hold {
            let isIdentity = check.kind == "identity" && !outcome.judgement.firstRun
            for evidence in outcome.evidence.values {
                for exchange in check.examples where shown[check.id] == nil {
                    let pair = try pair(
                        exchange, of: evidence, comparison: isIdentity ? .identity : .effect)
                    shown[check.id] = pair?.lines(style: style)
                }
            }
        }
        return shown
    }

    /// What an exchange answered in the arms of a comparison; `nil` if that was not kept. `row` is
    /// its row of the outcomes, looked up when it is not given.
    func pair(
        _ exchange: String, of evidence: Evidence, comparison: ExchangeOutcome.Comparison,
        row: ExchangeOutcome? = nil
    ) throws -> AnswerPair? {
        let (old, new) = Self.arms(of: comparison, in: evidence)
        guard let example = try EvidenceBlobs.example(exchange, of: evidence, store: store),
            example.arms[old] != nil, example.arms[new] != nil
        else { return nil }
        let request = try requestLines(exchange, of: evidence)
        let found = try row ?? EvidenceBlobs.row(of: exchange, in: evidence, store: store)
        let paths = found?.differences[comparison]?.map(\.path)
        let (first, second) = (try Self.lines(example, old), try Self.lines(example, new))
        return AnswerPair(
            exchange: exchange, oldArm: old, newArm: new, request: request,
            old: first.lines, new: second.lines, paths: paths ?? [],
            hasAllPaths: paths.map { $0.count < Self.knownWhole } ?? false,
            notes: [first.note.map { "\(old): \($0)" }, second.note.map { "\(new): \($0)" }]
                .compactMap(\.self))
    }

    /// A list of fewer differences was not cut.
    private static let knownWhole = 100

    /// The request of an exchange as lines, or where it is if its capture did not come here.
    private func requestLines(_ exchange: String, of evidence: Evidence) throws -> [String] {
        let capture: Capture
        do throws(AssayError) {
            capture = try Capture.open(evidence.capture.id.hex, store: store)
        } catch {
            guard error.code == .notFound else { throw error }
            let name = evidence.capture.name
            let full = name.hasPrefix("capture/") ? name : "capture/\(name)"
            return ["the request is in \(full), which is not in this store: `assay pull \(full)`"]
        }
        // A request that cannot be framed was sent as it is, and is not shown.
        guard let message = try? HTTPMessage(try capture.exchange(exchange).request, role: .request)
        else { return [] }
        let body = Array(message.body)
        return [message.head.startLine]
            + (String(validating: body, as: UTF8.self).map(BodyLines.text)
                ?? BodyLines.binary(body))
    }

    /// The two arms that a comparison is about. Recorded takes the place of a baseline that is not
    /// there.
    private static func arms(
        of comparison: ExchangeOutcome.Comparison, in evidence: Evidence
    ) -> (old: String, new: String) {
        let isFirst = !evidence.arms.contains { $0.name == "baseline" }
        return switch comparison {
        case .identity: ("recorded", isFirst ? "candidate" : "baseline")
        case .noise: (isFirst ? "candidate" : "baseline", "repeat")
        case .effect: (isFirst ? "recorded" : "baseline", "candidate")
        case .production: ("recorded", "candidate")
        }
    }

    /// Status and body of an answer, the body as comparisons see it, and what was done to it.
    private static func lines(
        _ example: EvidenceBlobs.Example, _ arm: String
    ) throws(AssayError) -> (lines: [String], note: String?) {
        let reader = JSONReader(example.arms[arm] ?? .null, document: "an example")
        if let failure = try reader["failure"].ifPresent?.string() {
            return (["no answer: \(failure)"], nil)
        }
        guard let answer = try example.answer(of: arm) else { return (["no status"], nil) }
        let body = try ReadableBody(answer)
        let lines =
            String(validating: body.bytes, as: UTF8.self).map(BodyLines.text)
            ?? BodyLines.binary(Array(body.bytes))
        return (["status \(answer.status)"] + lines, body.note)
    }
}
