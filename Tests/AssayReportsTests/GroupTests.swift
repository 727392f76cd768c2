import AssayCore
import AssayEvidence
import AssayGate
import AssayReports
import AssayTestKit
import Testing

@Suite("groups of differences")
struct GroupTests {
    /// Sixty sessions, of which those of DL differ at an index of `/items`, one of them as noise.
    private func rows() -> [ExchangeOutcome] {
        var rows = JudgeFixtures.rows(sessions: 60, each: 1)
        for index in rows.indices where rows[index].slices["carrier"] == "DL" {
            JudgeFixtures.differ(&rows[index], at: "/items/\(index)/score", kind: .value)
        }
        rows[1].confirmations["/items/1/score"] = .noise
        JudgeFixtures.differ(&rows[4], at: "/items/9/score", kind: .value, .notSent)
        return rows
    }

    private func evidence(_ rows: [ExchangeOutcome]) throws -> Evidence {
        var evidence = JudgeFixtures.evidence(rows, policy: try JudgeFixtures.policy()).evidence
        var groups = DifferenceGroups()
        for row in rows { groups.add(row) }
        groups.add([
            Evidence.Group(
                comparison: .identity, route: "GET /other", path: "status", kind: .status,
                count: 2, slices: ["carrier": ["HA": 2]], examples: ["z"])
        ])
        evidence.groups = groups.sorted
        return evidence
    }

    private func detail(_ rows: [ExchangeOutcome]) throws -> GroupDetail {
        GroupDetail(
            number: 1, group: try evidence(rows).groups[0], rows: rows,
            keptSizes: ["1000100": 90, "1000400": 10, "1000700": 80, "1000000": 1])
    }

    @Test("a page lists exchanges, slices and values, and says how to go on")
    func page() throws {
        let rows = rows()
        let page = try GroupPage(
            try detail(rows), evidence: Digest(of: [3]), rows: rows, limit: 2)
        #expect(
            page.lines(style: TextStyle(width: 100)).joined(separator: "\n") == """
                group 1 of evidence 084fed08b978: effect, POST /predict, /items/*/score, value
                  20 exchanges: 19 confirmed, 1 noise, 0 not sent again
                  concentrates in carrier=DL: 19 of 20 sessions there, 0 of 40 elsewhere
                  smallest example: exchange 1000700

                exchange  session  slices      place           old → new                 confirmation
                1000100   s1       carrier=DL  /items/1/score  "ok" → "late"             noise
                1000400   s4       carrier=DL  /items/4/score  "ok" → "late" and 1 more  confirmed
                1 to 2 of 20. Next: assay show 084fed08b978 --group 1 --after 1000400
                """)
        let last = try GroupPage(
            try detail(rows), evidence: Digest(of: [3]), rows: rows, limit: 50, after: "1005500")
        #expect(last.next == nil)
        #expect(
            last.lines().last == "20 to 20 of 20. Next: assay show 084fed08b978 --exchange 1000700")
        #expect(throws: AssayError.self) {
            try GroupPage(
                try detail(rows), evidence: Digest(of: [3]), rows: rows, limit: 1, after: "1000000")
        }
    }

    @Test("the JSON of a page holds the group, its exchanges and where to go on")
    func json() throws {
        let rows = rows()
        let detail = try detail(rows)
        let examples = String(
            decoding: CanonicalJSON.encode(JSONValue(detail.group.examples)), as: UTF8.self)
        let p = String(
            decoding: CanonicalJSON.encode(.double(detail.concentrations[0].pAdjusted)),
            as: UTF8.self)
        let page = try GroupPage(
            detail, evidence: Digest(of: [3]), rows: rows, limit: 1, after: "1005200")
        let text = String(decoding: CanonicalJSON.encode(page.json), as: UTF8.self)
        #expect(
            text == """
                {"evidence":"sha256:\(Digest(of: [3]).hex)","exchanges":[{"confirmation":"confirmed",\
                "differences":[{"kind":"value","new":"\\"late\\"","old":"\\"ok\\"",\
                "path":"/items/55/score"}],"exchange":"1005500","session":"s55",\
                "slices":{"carrier":"DL"}}],"group":{"comparison":"effect","concentrations":[{\
                "inside":19,"insideOf":20,"outside":0,"outsideOf":40,"pAdjusted":\(p),\
                "slice":"carrier=DL"}],"confirmed":19,"count":20,"examples":\
                \(examples),"kind":"value","noise":1,\
                "notSent":0,"number":1,"path":"/items/*/score","route":"POST /predict","slices":\
                {"carrier":{"DL":20}},"smallest":"1000700"},"next":"1005500","total":20}
                """)
    }

    @Test("a selection keeps the numbers that groups have in the evidence")
    func selection() throws {
        let evidence = try evidence(rows())
        func numbers(_ change: (inout GroupSelection) -> Void) -> [Int] {
            var selection = GroupSelection()
            change(&selection)
            return selection.groups(of: evidence).map(\.number)
        }
        #expect(numbers { _ in } == [1, 2])
        #expect(numbers { $0.comparison = .effect } == [1])
        #expect(numbers { $0.route = "GET /other" } == [2])
        #expect(numbers { $0.slice = ("carrier", "DL") } == [1])
        #expect(numbers { $0.slice = ("carrier", "AA") } == [])
        #expect(numbers { $0.comparison = .noise } == [])
    }

    @Test("evidence names beneath a group the slices in which it concentrates")
    func report() throws {
        let rows = rows()
        let text = EvidenceReport(
            try evidence(rows), digest: Digest(of: [3]), style: TextStyle(width: 110),
            groups: [try detail(rows)], hidden: 1
        ).text
        #expect(
            text.contains(
                """
                differences
                  #  comparison  route          path            kind   exchanges  confirmed  noise  not sent  example
                  1  effect      POST /predict  /items/*/score  value  20         19         1      0         1000700
                      concentrates in carrier=DL: 19 of 20 sessions there, 0 of 40 elsewhere
                  and 1 more groups

                """))
    }
}
