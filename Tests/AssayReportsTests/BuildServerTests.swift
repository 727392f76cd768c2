import AssayCore
import AssayEvidence
import AssayGate
import AssayReports
import AssayTestKit
import Testing

@Suite("JUnit and Markdown")
struct BuildServerTests {
    @Test("what blocks or holds is a failure, what does not apply is skipped")
    func junit() throws {
        let judgement = try PageFixture.judgement()
        let counts = "tests=\"6\" failures=\"3\" errors=\"0\" skipped=\"1\""
        let head = "    <testcase classname=\"flight-delay.staging\" name="
        #expect(
            JUnitReport(judgement).text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- made by assay -->
                <testsuites name="assay gate" \(counts)>
                  <testsuite name="flight-delay to staging" \(counts)>
                    <properties>
                      <property name="decision" value="blocked"/>
                      <property name="stage" value="staging"/>
                      <property name="candidate" value="\(JudgeFixtures.candidate)"/>
                      <property name="baseline" value="\(JudgeFixtures.baseline)"/>
                      <property name="policy" value="\(judgement.policy)"/>
                      <property name="evidence.core" value="\(judgement.evidence[0].digest)"/>
                    </properties>
                \(head)"flips">
                      <failure type="block: fail" message="50% differ &amp; more">flips all: \
                0% → 33.3%  +50pp [25, 75]%  limit 2%  n=1500
                /decision  decision in 500 requests
                concentrates in carrier=DL
                gate.yaml:17</failure>
                    </testcase>
                \(head)"errors">
                      <failure type="hold: undecided" message="too few">gate.yaml:19</failure>
                    </testcase>
                \(head)"latency">
                      <system-out>warning: on both sides
                gate.yaml:18</system-out>
                    </testcase>
                \(head)"bugs">
                      <skipped message="no capture `bugs` in the store"/>
                    </testcase>
                \(head)"env.parity"/>
                \(head)"decision">
                      <failure type="blocked" message="blocked for staging: flips">\
                next: assay show 1a2b3c4d5e6f --check flips</failure>
                    </testcase>
                  </testsuite>
                </testsuites>

                """)
    }

    @Test("hostile names are escaped in JUnit; what XML cannot hold is written out")
    func hostileXML() throws {
        var judgement = try PageFixture.judgement()
        judgement.checks[0].id = PageFixture.hostile + "\u{FFFE}"
        let text = JUnitReport(judgement).text
        #expect(text.contains("name=\"\(PageFixture.harmless)\\u{fffe}\""))
        #expect(!text.contains("<script") && !text.contains("\u{1B}"))
    }

    @Test("Markdown has the headline, a table of checks, why, the evidence and examples")
    func markdown() throws {
        let group = Evidence.Group(
            comparison: .effect, route: "POST /predict", path: "/a_b", kind: .value, count: 3)
        let contents = try PageFixture.contents(groups: [group], examples: [PageFixture.pair])
        #expect(
            MarkdownReport(contents).text == """
                ### ✗ blocked for staging: flips

                Next: assay show 1a2b3c4d5e6f --check flips

                not signed

                |  | check | slice | change | effect | limit | size |
                | --- | --- | --- | --- | --- | --- | --- |
                | ✗ | flips |  | 0% → 33.3% | +50pp \\[25, 75\\]% | 2% | n=1500 |
                | ? | errors |  | undecided |  |  |  |
                | \\! | latency |  | undecided |  |  |  |

                **flips**: 50% differ &amp; more
                - /decision  decision in 500 requests
                - concentrates in carrier=DL

                **errors**: too few

                **latency**: on both sides

                ✓ 1 passed
                – not applicable: bugs (no capture \\`bugs\\` in the store)

                - changed: weights

                #### Evidence 084fed08b978: capture/core, 15 of 15 exchanges

                | \\# | comparison | route | path | kind | exchanges | slices |
                | --- | --- | --- | --- | --- | --- | --- |
                | 1 | effect | POST /predict | /a\\_b | value | 3 |  |

                seen 15, replayed 15, compared 15, errored 0, unmatched 0

                <details><summary>exchange e1: baseline (−) against candidate (+)</summary>

                ```diff
                > POST /predict
                  status 200
                - late
                + on time
                + extra
                ```
                </details>

                """)
    }

    @Test("Markdown stays within 64 KiB and says what is left out")
    func budget() throws {
        let line = String(repeating: "é", count: 150)
        let long = AnswerPair(
            exchange: "e", oldArm: "baseline", newArm: "candidate", request: [],
            old: Array(repeating: line, count: 10), new: [], paths: [])
        let text = MarkdownReport(
            try PageFixture.contents(examples: Array(repeating: long, count: 40))
        ).text
        #expect(text.utf8.count <= MarkdownReport.byteLimit)
        #expect(text.utf8.count > MarkdownReport.byteLimit - 5_000)
        #expect(text.hasPrefix("### ✗ blocked for staging: flips\n"))
        #expect(text.hasSuffix("more parts do not fit into 64 KiB; `assay show` has them.\n"))
    }

    @Test("hostile values neither end a code block nor mention a team")
    func hostileMarkdown() throws {
        var contents = try PageFixture.contents(examples: [
            AnswerPair(
                exchange: "e", oldArm: "baseline", newArm: "candidate", request: [],
                old: ["```", "<b>"], new: ["````"], paths: [])
        ])
        contents.judgement?.checks[0].reason = PageFixture.hostile + " https://x.example"
        let text = MarkdownReport(contents).text
        #expect(text.contains("\n`````diff\n- ```\n+ ````\n- <b>\n`````\n"))
        #expect(
            text.contains(
                "&lt;script&gt;alert(\"1\")&lt;/script&gt;&amp;'\\\\u{1b}\\[2J\\\\u{202e}&#124;"
                    + "\\`\\*\\_@&#8203;team\\\\u{0} https:&#8203;//x.example"))
    }
}
