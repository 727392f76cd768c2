import AssayCore
import AssayEvidence
import AssayGate
import AssayReports
import AssayTestKit

/// A judgement with one check that blocks, one that holds, one that warns and one that does not
/// apply, in round numbers.
enum PageFixture {
    static func judgement() throws -> Judgement {
        var rows = JudgeFixtures.rows(sessions: 300)
        for index in rows.indices where rows[index].slices["carrier"] == "DL" {
            JudgeFixtures.differ(&rows[index])
        }
        var judgement = judge(try JudgeFixtures.input(rows, changed: ["weights"]))
        var flips = judgement.checks[3]
        flips.findings = [flips.findings[0]]
        flips.findings[0].delta = 0.5
        flips.findings[0].lower = 0.25
        flips.findings[0].upper = 0.75
        flips.findings[0].limit = 1
        flips.reason = "50% differ & more"
        flips.details = ["concentrates in carrier=DL"]
        flips.next = []
        var errors = judgement.checks[5]
        errors.findings = []
        errors.details = []
        errors.next = []
        errors.outcome = .undecided
        errors.effect = .hold
        errors.reason = "too few"
        var latency = judgement.checks[4]
        latency.findings = []
        latency.details = []
        latency.next = []
        latency.outcome = .undecided
        latency.effect = .warn
        latency.reason = "on both sides"
        judgement.checks = [flips, errors, latency, judgement.checks[6], judgement.checks[1]]
        judgement.headline = "blocked for staging: flips"
        judgement.notes = []
        judgement.next = ["assay show 1a2b3c4d5e6f --check flips"]
        judgement.notChecked = [:]
        return judgement
    }

    static func contents(
        groups: [Evidence.Group] = [], examples: [AnswerPair] = []
    ) throws -> PageContents {
        let rows = JudgeFixtures.rows(sessions: 3)
        var evidence = JudgeFixtures.evidence(
            rows, policy: try JudgeFixtures.policy(),
            candidateEnvironment: ["package.numpy": "2.2.0", "package.pandas": "2.2.3"]
        ).evidence
        evidence.groups = groups
        return PageContents(
            title: "verdict 1a2b3c4d5e6f of flight-delay", about: ["not signed"],
            judgement: try judgement(),
            parts: [
                PageContents.Part(
                    evidence: evidence, digest: Digest(of: [3]),
                    groups: GroupSelection().groups(of: evidence).map {
                        GroupDetail(number: $0.number, group: $0.group)
                    }, hidden: 0, examples: examples)
            ])
    }

    static let pair = AnswerPair(
        exchange: "e1", oldArm: "baseline", newArm: "candidate", request: ["POST /predict"],
        old: ["status 200", "late"], new: ["status 200", "on time", "extra"], paths: ["body"])

    /// What a service might answer to harm a reader of the report.
    static let hostile = "<script>alert(\"1\")</script>&'\u{1B}[2J\u{202E}|`*_@team\u{0}"
    /// The same in HTML and XML.
    static let harmless =
        "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;\\u{1b}[2J\\u{202e}|`*_@team\\u{0}"
}
