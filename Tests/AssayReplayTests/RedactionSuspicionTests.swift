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
            (
                "form token",
                "- {query: Token, as: mask, answer_depends: true, at_replay: {secret: TOKEN}}"
            ),
            ("address page", "- {query: page, as: mask, answer_depends: true}"),
            ("query page", "- {query: page, as: mask, answer_depends: true}"),
            ("query gone", "- {query: gone, as: drop, answer_depends: true}"),
        ])
    func lines(place: String, line: String) {
        let rules: [RedactionRules.Rule] = [
            .init(.pointer(["user", "id"]), .keep), .init(.pointer(["user", "*"]), .mask),
            .init(.header("authorization"), .drop, secret: "KEY"),
            .init(.query("Token"), .mask, secret: "TOKEN"), .init(.query("page"), .mask),
            .init(.query("gone"), .drop),
        ]
        let sentences = sentences(place, rules)
        #expect(sentences.count == 1 && sentences[0].contains("`\(line)`"), "\(sentences)")
        // Only in a target that still has the pair a value could take its place.
        #expect(sentences[0].contains("or put a value back") == (place == "query page"))
    }

    @Test("what is put back is no suspect")
    func putBack() {
        let rule = RedactionRules.Rule(.header("authorization"), .drop, secret: "KEY")
        #expect(sentences("header authorization", [rule]).isEmpty)
        #expect(sentences("header authorization", []).count == 1)
        let query = RedactionRules.Rule(.query("token"), .mask, secret: "KEY")
        #expect(sentences("query token", [query]).isEmpty)
        #expect(sentences("form token", [query]).count == 1)
    }
}
