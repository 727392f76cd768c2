import AssayCapture
import AssayEvidence
import Testing

@testable import AssayReplay

@Suite("which redacted fields may be why production is not reproduced")
struct RedactionSuspicionTests {
    private func sentences(_ place: String, _ rules: [RedactionRules.Rule]) -> [String] {
        var suspicion = RedactionSuspicion()
        for number in 0..<4 {
            var row = ExchangeOutcome(
                exchange: "\(number)", session: "s", route: "GET /", identity: .sameBundle)
            row.differences[.identity] = [
                Difference(path: "/a", kind: .removed, old: "1", new: nil)
            ]
            row.redacted = [place]
            suspicion.note(row, isFirstRun: false)
        }
        return suspicion.sentences(RedactionRules(rules))
    }

    @Test(
        "the line to write is that of the rule for the place, and for bodies that of unreadable ones",
        arguments: [
            ("body", "- {body: unreadable, as: drop, answer_depends: true}"),
            ("/user/*", "- {pointer: /user/*, as: mask, answer_depends: true}"),
            (
                "address user",
                "- {header: authorization, as: drop, answer_depends: true, at_replay: {secret: KEY}}"
            ),
        ])
    func lines(place: String, line: String) {
        let rules: [RedactionRules.Rule] = [
            .init(.pointer(["user", "id"]), .keep), .init(.pointer(["user", "*"]), .mask),
            .init(.header("authorization"), .drop, secret: "KEY"),
        ]
        let sentences = sentences(place, rules)
        #expect(sentences.count == 1 && sentences[0].contains("`\(line)`"), "\(sentences)")
    }

    @Test("what is put back is no suspect")
    func putBack() {
        let rule = RedactionRules.Rule(.header("authorization"), .drop, secret: "KEY")
        #expect(sentences("header authorization", [rule]).isEmpty)
        #expect(sentences("header authorization", []).count == 1)
    }
}
