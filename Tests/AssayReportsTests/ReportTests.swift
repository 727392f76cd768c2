import AssayCore
import AssayEvidence
import AssayGate
import AssayReports
import AssayTestKit
import Testing

@Suite("reports")
struct ReportTests {
    private func blocked() throws -> Judgement {
        var rows = JudgeFixtures.rows(sessions: 300)
        for index in rows.indices where rows[index].slices["carrier"] == "DL" {
            JudgeFixtures.differ(&rows[index])
        }
        var input = try JudgeFixtures.input(rows, changed: ["weights"])
        input.changes = ["weights": "model.txt replaced"]
        return judge(input)
    }

    @Test("a blocked judgement names field, share, component and example, the headline last")
    func rates() throws {
        let judgement = try blocked()
        let evidence = judgement.evidence[0].digest.short
        #expect(
            JudgementReport(judgement, style: TextStyle(width: 120)).text == """
                ✗  flips              0% → 33.3%  +33.3pp [26.3, 41]%  limit 2%   n=1500
                ✗  flips  carrier=DL  0% → 100%   +100pp [94.7, 100]%  limit 10%  n=500
                    33.3% differ, [26.3, 41]%, wholly beyond 2% (gate.yaml:17)
                    /decision  decision in 500 requests
                    changed: weights (model.txt replaced)
                    concentrates in carrier=DL: 100 of 100 sessions there, 0 of 200 elsewhere
                    example: exchange 1000100
                ✓ 4 passed
                – 2 not applicable (same.answers: weights changed; bugs: no capture `bugs` in the store)
                baseline reproduced production: 100.00 % of 1500
                blocked for staging: flips; changed: weights (model.txt replaced). \
                Next: assay show \(evidence) --check flips

                """)
    }

    @Test("a census and an undecided check, the worst last, with an example side by side")
    func census() throws {
        var rows = JudgeFixtures.rows(sessions: 100)
        for index in 0..<3 { JudgeFixtures.differ(&rows[index * 20], at: "/score", kind: .value) }
        let judgement = judge(try JudgeFixtures.input(rows))
        let evidence = judgement.evidence[0].digest.short
        let example = exampleSideBySide(
            request: ["POST /predict", "{\"flight\": 7}"],
            old: ["{", "  \"decision\": \"ok\",", "  \"score\": 0.25", "}"],
            new: ["{", "  \"decision\": \"ok\",", "  \"score\": 0.75,", "  \"extra\": 1", "}"],
            paths: ["/score"], style: TextStyle(width: 80))
        let report = JudgementReport(
            judgement, style: TextStyle(width: 100), examples: ["same.answers": example])
        #expect(
            report.text == """
                ?  identity      0% → 0%   0pp [0, 3.62]%       limit 1.5%        needs ~1225 requests, has 500
                    0% are not answered as in production, [0, 3.62]%, on both sides of 1.5% (gate.yaml:11)
                ?  errors        0% → 0%   0pp [-3.7, 3.7]pp    limit 2pp         needs ~945 requests, has 500
                    0pp more fail, [-3.7, 3.7]pp, on both sides of 2pp (gate.yaml:19)
                ✗  same.answers  3 of 500  rate [0.121, 1.76]%  limit 0 requests  n=500
                    3 of 500 requests differ; 0 requests allowed; the rate is [0.121, 1.76]% (gate.yaml:16)
                    /score  value in 3 requests
                    changed: code (service/features.py modified)
                    example: exchange 1000000
                    differs at /score
                    > POST /predict
                    > {"flight": 7}
                    old                                       new
                    {                                         {
                      "decision": "ok",                         "decision": "ok",
                      "score": 0.25                        ≠    "score": 0.75,
                                                           +    "extra": 1
                    }                                         }
                ✓ 2 passed   – 2 not applicable (flips: weights unchanged; bugs: no capture `bugs` in the store)
                blocked for staging: same.answers; changed: code (service/features.py modified)
                Next: assay show \(evidence) --check same.answers

                """)
    }

    @Test("a pass is three lines and the next command")
    func pass() throws {
        let judgement = judge(try JudgeFixtures.input(JudgeFixtures.rows(sessions: 300)))
        let report = JudgementReport(judgement)
        #expect(
            report.text == """
                ✓ 5 passed
                – 2 not applicable (flips: weights unchanged; bugs: no capture `bugs` in the store)
                baseline reproduced production: 100.00 % of 1500
                pass for staging: 5 of 7 checks passed. Next: assay promote \
                \(JudgeFixtures.candidate.short) --to staging

                """)
    }

    @Test("colour is only added, and lines stay within the width")
    func style() throws {
        let judgement = try blocked()
        let colored = JudgementReport(
            judgement, style: TextStyle(width: 120, isColored: true)
        ).lines
        #expect(colored[0].hasPrefix("\u{1B}[31m✗  flips"))
        let narrow = JudgementReport(judgement, style: TextStyle(width: 60)).lines
        #expect(narrow.joined(separator: " ").contains("wholly beyond 2%"))
        #expect(narrow.last?.hasPrefix("Next: assay show") == true)
    }

    @Test("long equal runs are left out, and control characters are written as escapes")
    func sideBySide() {
        let old = (0..<40).map { "line \($0)" }
        var new = old
        new[20] = "line \u{1B}[2J twenty"
        let lines = exampleSideBySide(request: [], old: old, new: new, paths: [])
        #expect(lines.contains("⋮ 18 equal lines"))
        #expect(lines.contains("⋮ 17 equal lines"))
        #expect(lines.count == 1 + 2 + 5)
        #expect(lines.contains { $0.contains("≠") && $0.contains("\\u{1b}[2J") })
        #expect(!lines.joined().contains("\u{1B}"))
        #expect(exampleSideBySide(request: [], old: [], new: [], paths: []).count == 1)
        let long = (0..<700).map { "\($0)" }
        #expect(exampleSideBySide(request: [], old: long, new: long, paths: []).count == 2)
    }

    @Test("lines that the rules let pass are not marked like those that differ beyond them")
    func tolerated() {
        let old = [
            "status 200", "{", "  \"a/b\": [", "    {", "      \"id\": 1,", "      \"v\": 2",
            "    }",
            "  ],", "  \"request_id\": \"x\"", "}",
        ]
        var new = old
        (new[4], new[5], new[8]) = (
            "      \"id\": 7,", "      \"v\": 3,", "  \"request_id\": \"y\""
        )
        new.insert("      \"w\": 4", at: 6)
        func marked(_ paths: [String]) -> [String] {
            let lines = exampleSideBySide(
                request: [], old: old, new: new, paths: [],
                marks: ExampleMarks(paths: paths, old: old, new: new))
            return lines.compactMap { line in
                line.first { "≠≈+−".contains($0) }.map {
                    "\($0) \(line.split(separator: " ").last ?? "")"
                }
            }
        }
        #expect(marked(["/a~1b/0/v"]) == ["≈ 7,", "≠ 3,", "≈ 4", "≈ \"y\""])
        #expect(marked(["/a~1b/0/w"]) == ["≈ 7,", "≈ 3,", "+ 4", "≈ \"y\""])
        #expect(marked(["/a~1b"]) == ["≠ 7,", "≠ 3,", "+ 4", "≈ \"y\""])
        #expect(marked(["body"]) == ["≠ 7,", "≠ 3,", "+ 4", "≠ \"y\""])
        #expect(marked([]) == ["≈ 7,", "≈ 3,", "≈ 4", "≈ \"y\""])
        // Of a place that no line has, nothing is known: all is marked.
        #expect(marked(["/0/elsewhere"]) == ["≠ 7,", "≠ 3,", "+ 4", "≠ \"y\""])
    }

    @Test("evidence shows its arms, its ledger and its groups")
    func evidence() throws {
        let rows = JudgeFixtures.rows(sessions: 300)
        var evidence = JudgeFixtures.evidence(rows, policy: try JudgeFixtures.policy()).evidence
        evidence.groups = [
            Evidence.Group(
                comparison: .effect, route: "POST /predict", path: "/items/*/score", kind: .value,
                count: 12_345, confirmed: 30, noise: 0, notSent: 12_315, examples: ["abc"])
        ]
        evidence.suppressed = ["/request_id": 1500]
        evidence.ledger.skipped = 4
        let text = EvidenceReport(evidence, digest: Digest(of: [3])).text
        #expect(
            text == """
                evidence 084fed08b978 of flight-delay, made by assay 0.1.0
                capture/core (4bf5122f3445): 1500 of 1500 exchanges in 300 sessions
                paced: the capture's times × 1.00, at most 8 in flight; isolation: sandbox; seed 1

                arms
                  recorded   –
                  baseline   8ba8496a2525  3 starts  3 facts
                  candidate  dda18a0e21ae  3 starts  3 facts

                where every exchange went
                  seen 1500 = whole 1500 + truncated 0 + unsupported 0 + skipped 4
                  whole 1500 = replayed 1500 + not replayed 0
                  replayed 1500 = compared 1500 + errored 0 + unmatched 0
                  ✗ does not add up: seen 1500 is not whole 1500 + truncated 0 + unsupported 0 + skipped 4

                latency
                  baseline   p50 –  p90 –  p99 1.39ms  max –  n=500
                  candidate  p50 –  p90 –  p99 1.39ms  max –  n=500

                differences
                  #  comparison  route          path           kind   exchanges  confirmed  noise  not sent  example
                  1  effect      POST /predict  /items/*/sco…  value  12 345     30         0      12 315    abc

                let pass by rules
                  /request_id  1500 comparisons

                """)
    }
}
