import AssayCore
import AssayEvidence
import AssayGate
import AssayReplay
import AssayReports
import AssayStore
import Glibc

/// Shows an exchange that made a check fail, both answers side by side.
struct ExampleView {
    let store: Store

    /// The first example of the worst check, or nothing when no answers were kept.
    func lines(of outcome: GateRun.Outcome) throws -> [String] {
        let failing = outcome.judgement.checks.filter { $0.effect == .block || $0.effect == .hold }
        for check in failing {
            for exchange in check.examples {
                for evidence in outcome.evidence.values {
                    let lines = try self.lines(
                        exchange, evidence: evidence,
                        left: check.kind == "identity" || outcome.judgement.isFirstRun
                            ? "recorded" : "baseline",
                        right: check.kind == "identity" && !outcome.judgement.isFirstRun
                            ? "baseline" : "candidate")
                    if !lines.isEmpty { return lines + [""] }
                }
            }
        }
        return []
    }

    /// One exchange side by side; empty when its answers were not kept.
    func lines(
        _ exchange: String, evidence: Evidence, left: String, right: String
    ) throws -> [String] {
        guard let example = try EvidenceBlobs.example(exchange, of: evidence, store: store),
            let old = example.arms[left], let new = example.arms[right]
        else { return [] }
        let view = SideBySide(
            left: (left, Self.text(old)), right: (right, Self.text(new)), width: Self.width)
        let capture =
            evidence.capture.name.hasPrefix("capture/")
            ? String(evidence.capture.name.dropFirst(8)) : evidence.capture.name
        return ["example: exchange \(exchange) (assay capture show \(capture)#\(exchange))"]
            + view.lines
    }

    /// Status and body, JSON laid out with a member a line.
    static func text(_ arm: JSONValue) -> String {
        let reader = JSONReader(arm, document: "an example")
        if let failure = try? reader["failure"].string() { return "no answer: \(failure)" }
        let status = (try? reader["status"].integer()).map { "status \($0)" } ?? "no status"
        guard let body = try? reader["text"].string() else { return "\(status)\n(binary)" }
        guard let value = try? JSONParser.parse(Array(body.utf8), file: "body") else {
            return "\(status)\n\(body)"
        }
        return "\(status)\n\(PrettyJSON.text(value))"
    }

    static var width: Int {
        var size = winsize()
        if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return 100
    }
}
