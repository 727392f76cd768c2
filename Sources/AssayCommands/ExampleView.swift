import AssayCapture
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
            let sides = isIdentity ? ("recorded", "baseline") : (oldSide(outcome), "candidate")
            for evidence in outcome.evidence.values {
                for exchange in check.examples where shown[check.id] == nil {
                    let lines = try self.lines(
                        exchange, evidence: evidence, old: sides.0, new: sides.1)
                    if !lines.isEmpty { shown[check.id] = lines }
                }
            }
        }
        return shown
    }

    private func oldSide(_ outcome: GateRun.Outcome) -> String {
        outcome.judgement.firstRun ? "recorded" : "baseline"
    }

    /// One exchange: its request and both answers; empty when its answers were not kept.
    func lines(
        _ exchange: String, evidence: Evidence, old: String, new: String
    ) throws -> [String] {
        guard let example = try EvidenceBlobs.example(exchange, of: evidence, store: store),
            let before = example.arms[old], let after = example.arms[new]
        else { return [] }
        var request: [String] = []
        let capture = try Capture.open(evidence.capture.id.hex, store: store)
        if let message = try? HTTPMessage(try capture.exchange(exchange).request, role: .request) {
            request = [message.head.startLine] + Self.bodyLines(Array(message.body))
        }
        let title = "\(old) against \(new):"
        return [title]
            + exampleSideBySide(
                request: request, old: Self.lines(before), new: Self.lines(after), paths: [],
                style: style)
    }

    /// Status and body of an answer, JSON laid out with a member a line.
    private static func lines(_ arm: JSONValue) -> [String] {
        let reader = JSONReader(arm, document: "an example")
        if let failure = try? reader["failure"].string() { return ["no answer: \(failure)"] }
        let status = (try? reader["status"].integer()).map { "status \($0)" } ?? "no status"
        guard let body = try? reader["text"].string() else { return [status, "(binary)"] }
        return [status] + bodyLines(Array(body.utf8))
    }

    private static func bodyLines(_ body: [UInt8]) -> [String] {
        let text: String
        if let value = try? JSONParser.parse(body, file: "body") {
            text = String(
                decoding: PrettyJSON.indented(CanonicalJSON.encode(value)), as: UTF8.self)
        } else {
            text = String(decoding: body, as: UTF8.self)
        }
        return text.split(separator: "\n").map { String($0) }
    }
}
