import AssayCore
import AssayEvidence
import AssayGate
import AssayReports
import Testing

@Suite("HTML report")
struct HTMLReportTests {
    @Test("checks stand worst first, each with its numbers and a bar against the limit")
    func checks() throws {
        let text = HTMLReport(try PageFixture.contents()).text
        #expect(
            text.contains(
                """
                <tr class="block"><td class="mark">✗</td><td>flips</td><td>all</td>\
                <td>0% → 33.3%</td><td>+50pp [25, 75]%</td><td><svg class="bar fail" width="160" \
                height="18" role="img" aria-label="interval against limit">\
                <line class="axis" x1="6.0" x2="154.0" y1="9.0" y2="9.0"/>\
                <line class="range" x1="43.0" x2="117.0" y1="9.0" y2="9.0"/>\
                <line class="limit" x1="154.0" x2="154.0" y1="1" y2="17"/>\
                <circle class="value" cx="80.0" cy="9.0" r="3"/></svg></td>\
                <td>2%</td><td>n=1500</td></tr>
                <tr class="why"><td></td><td colspan="7"><div>50% differ &amp; more (gate.yaml:17)\
                </div><div>/decision  decision in 500 requests</div>\
                <div>concentrates in carrier=DL</div><div>example: exchange 1000100</div></td></tr>
                """))
        let order = ["<td>flips", "<td>errors", "<td>latency", "<td>env.parity"].map {
            text.firstRange(of: $0)?.lowerBound
        }
        #expect(order.allSatisfy { $0 != nil })
        #expect(order.compactMap(\.self) == order.compactMap(\.self).sorted())
        #expect(
            text.contains(
                "<p class=\"decision blocked\"><strong>blocked</strong> "
                    + "<span>blocked for staging: flips</span></p>"))
    }

    @Test("evidence shows ledger, latency, environment differences and answers side by side")
    func evidence() throws {
        let text = HTMLReport(try PageFixture.contents(examples: [PageFixture.pair])).text
        #expect(text.contains("<td>package.numpy</td><td>2.1.0</td><td>2.2.0</td>"))
        #expect(text.contains("<td>machine.arch</td><td>x86</td><td>absent</td>"))
        #expect(!text.contains("package.pandas"))
        #expect(
            text.contains(
                """
                <tr><td>status 200</td><td> </td><td>status 200</td></tr>\
                <tr class="changed"><td>late</td><td>≠</td><td>on time</td></tr>\
                <tr class="new"><td></td><td>+</td><td>extra</td></tr>
                """))
        #expect(text.contains("<td class=\"n\">1.39ms</td>"))
        #expect(text.contains("<th class=\"n\">not replayed</th>"))
        #expect(text.contains("<p>differs at body</p>"))
    }

    @Test("nothing from the evidence becomes markup, a control character or another order of text")
    func hostile() throws {
        let hostile = PageFixture.hostile
        let group = Evidence.Group(
            comparison: .effect, route: hostile, path: hostile, kind: .value, count: 1,
            slices: [hostile: [hostile: 1]], examples: [hostile])
        let pair = AnswerPair(
            exchange: hostile, oldArm: hostile, newArm: hostile, request: [hostile],
            old: [hostile], new: ["\(hostile)2"], paths: [hostile], notes: [hostile])
        var contents = try PageFixture.contents(groups: [group], examples: [pair])
        contents.title = hostile
        contents.about = [hostile]
        contents.judgement?.headline = hostile
        contents.judgement?.next = [hostile]
        contents.judgement?.notes = [hostile]
        contents.judgement?.notChecked = [hostile: [hostile]]
        contents.judgement?.checks[0].id = hostile
        contents.judgement?.checks[0].details = [hostile]
        contents.judgement?.checks[0].findings[0].slice = hostile
        contents.judgement?.checks[0].findings[0].limitText = hostile
        contents.parts[0].evidence.service = hostile
        contents.parts[0].evidence.notes = [hostile]
        contents.parts[0].evidence.suppressed = [hostile: 1]
        contents.parts[0].evidence.capture.name = hostile
        contents.parts[0].evidence.latency["candidate"]?.void = hostile
        contents.parts[0].evidence.arms[1].environment[hostile] = hostile
        contents.parts[0].evidence.arms[0].name = hostile
        let text = HTMLReport(contents).text
        #expect(text.split(separator: PageFixture.harmless).count > 25)
        #expect(!text.contains("<script"))
        #expect(
            text.unicodeScalars.allSatisfy {
                $0 == "\n" || $0.value >= 0x20 && $0.value != 0x202E
            })
    }

    @Test("the file has no script and takes nothing from elsewhere, and is known as ours")
    func selfContained() throws {
        let text = HTMLReport(try PageFixture.contents(examples: [PageFixture.pair])).text
        for foreign in ["<script", "http:", "https:", "src=", "href=", "@import", "url("] {
            #expect(!text.contains(foreign), "\(foreign)")
        }
        #expect(text.contains("default-src 'none'; style-src 'unsafe-inline'"))
        #expect(ReportFile.isOurs(text.utf8))
        #expect(!ReportFile.isOurs("<!DOCTYPE html><html>".utf8))
        #expect(text == HTMLReport(try PageFixture.contents(examples: [PageFixture.pair])).text)
    }
}
