import AssayCore
public import AssayGate

/// A judgement as a JUnit document, as build servers read it.
///
/// One test case for each check, and one for the decision. What blocks or holds is a failure, so an
/// undecided check that holds never looks like a pass or a skip; what does not apply is skipped;
/// a warning passes and says so in its output. The same judgement gives the same bytes.
public struct JUnitReport: Sendable {
    private let judgement: Judgement

    /// Makes a report.
    public init(_ judgement: Judgement) {
        self.judgement = judgement
    }

    /// The document.
    public var text: String {
        let cases = judgement.checks.map(testCase) + [decision]
        let failures =
            judgement.checks.count { $0.effect >= .hold }
            + (judgement.decision == .pass ? 0 : 1)
        let skipped = judgement.checks.count { isSkipped($0) }
        let counts =
            "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"\(skipped)\""
        let name = Self.escape("\(judgement.service) to \(judgement.stage)")
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            \(ReportFile.mark)
            <testsuites name="assay gate" \(counts)>
              <testsuite name="\(name)" \(counts)>
            \(properties)
            \(cases.joined(separator: "\n"))
              </testsuite>
            </testsuites>

            """
    }

    private var properties: String {
        var pairs = [
            ("decision", judgement.decision.rawValue), ("stage", judgement.stage),
            ("candidate", judgement.candidate.description),
        ]
        if let baseline = judgement.baseline { pairs.append(("baseline", baseline.description)) }
        pairs.append(("policy", judgement.policy.description))
        pairs += judgement.evidence.map { ("evidence.\($0.name)", $0.digest.description) }
        let lines = pairs.map {
            "      <property name=\"\(Self.escape($0.0))\" value=\"\(Self.escape($0.1))\"/>"
        }
        return "    <properties>\n\(lines.joined(separator: "\n"))\n    </properties>"
    }

    private func isSkipped(_ check: CheckResult) -> Bool {
        check.outcome == .notApplicable && check.effect < .hold
    }

    private func testCase(_ check: CheckResult) -> String {
        var lines = check.findings.filter { $0.outcome != .pass }.map { finding in
            "\(check.id) \(finding.slice ?? "all"): \(FindingWords.change(finding))  "
                + "\(FindingWords.effect(finding))  limit \(finding.limitText)  "
                + FindingWords.size(finding)
        }
        lines += check.fields.map { "\($0.path)  \($0.kind) in \($0.count) requests" }
        lines += check.details + check.next.map { "next: \($0)" }
        lines.append("\(judgement.policySource):\(check.line)")
        let inside: String
        if check.effect >= .hold {
            inside = failure(
                kind: "\(check.effect.rawValue): \(check.outcome.rawValue)", check.reason, lines)
        } else if isSkipped(check) {
            inside = "<skipped message=\"\(Self.escape(check.reason))\"/>"
        } else if check.outcome == .pass {
            inside = ""
        } else {
            let mark = check.effect == .warn ? "warning" : "allowed at \(judgement.stage)"
            let said = (["\(mark): \(check.reason)"] + lines).map(Self.escape)
            inside = "<system-out>\(said.joined(separator: "\n"))</system-out>"
        }
        return element(check.id, inside)
    }

    private var decision: String {
        element(
            "decision",
            judgement.decision == .pass
                ? ""
                : failure(
                    kind: judgement.decision.rawValue, judgement.headline,
                    judgement.notes + judgement.next.map { "next: \($0)" }))
    }

    private func element(_ name: String, _ inside: String) -> String {
        let head =
            "    <testcase classname=\"\(Self.escape("\(judgement.service).\(judgement.stage)"))\" "
            + "name=\"\(Self.escape(name))\""
        return inside.isEmpty ? head + "/>" : "\(head)>\n      \(inside)\n    </testcase>"
    }

    private func failure(kind: String, _ message: String, _ lines: [String]) -> String {
        "<failure type=\"\(Self.escape(kind))\" message=\"\(Self.escape(message))\">"
            + "\(lines.map(Self.escape).joined(separator: "\n"))</failure>"
    }

    /// Escapes for XML 1.0, which has no form at all for control characters and U+FFFE, U+FFFF:
    /// those are written out.
    private static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in HTMLText.escape(text).unicodeScalars {
            if scalar.value == 0xFFFE || scalar.value == 0xFFFF {
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
