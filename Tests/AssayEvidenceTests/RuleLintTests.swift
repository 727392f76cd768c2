import AssayCore
import Testing

@testable import AssayEvidence

@Suite("lint of comparison rules")
struct RuleLintTests {
    private let places = AnswerPlaces(
        exchanges: 10_500,
        values: [
            "/score": 10_500, "/items/*/id": 40_000, "/items/*/at": 40_000, "/items": 12,
            "header:x-id": 10_500,
        ])

    private func lint(
        _ rules: [(String, ComparisonRules.Measure)], _ places: AnswerPlaces? = nil
    ) -> [String] {
        RuleLint(
            ComparisonRules(rules: rules.map { .init(pointer: $0.0, measure: $0.1) }),
            places: places ?? self.places
        ).sentences
    }

    @Test("rules that name places say nothing")
    func quiet() {
        #expect(
            lint([
                ("/score", .tolerance(absolute: 1, relative: nil)), ("/items", .exact),
                ("/items/0/id", .exact), ("/items/*/id", .ignore(reason: "r")), ("status", .exact),
                ("header:X-ID", .exact), ("header:*", .exact), ("egress:store", .exact),
                ("/*", .exact),
            ]).allSatisfy { $0.contains("decides nothing") })
        #expect(lint([("/score", .exact), ("/items/0/at", .exact)]).isEmpty)
    }

    @Test("a rule that no answer has a place for is told, with what may have been meant")
    func inert() {
        #expect(
            lint([
                ("/scroe", .exact), ("/items/*/di", .exact), ("header:x-di", .exact),
                ("/nothing/like/it", .exact),
            ]) == [
                "rule `/scroe` matched no answer of 10,500; did you mean `/score`?",
                "rule `/items/*/di` matched no answer of 10,500; did you mean `/items/*/id`?",
                "rule `header:x-di` matched no answer of 10,500",
                "rule `/nothing/like/it` matched no answer of 10,500",
            ])
    }

    @Test("a rule that later ones overrule everywhere is told")
    func overruled() {
        #expect(
            lint([("/items/*/id", .exact), ("/items", .exact)])
                == [
                    "rule `/items/*/id` decides nothing: `/items`, which stands later, does at every "
                        + "place it names"
                ])
        // The index may be any, so that the first rule still holds for the others.
        #expect(lint([("/items/*/id", .exact), ("/items/0/id", .exact)]).isEmpty)
    }

    @Test("a rule that ignores more than half of all values is told")
    func broad() {
        let ignore = ComparisonRules.Measure.ignore(reason: "r")
        #expect(
            lint([("/items", ignore)])
                == ["rule `/items` ignores 88.4 % of all values of the answers"])
        #expect(lint([("/items", ignore), ("/items/*/id", .exact)]).isEmpty)
        #expect(
            lint([("body", ignore)])
                == ["rule `body` ignores 100.0 % of all values of the answers"])
    }

    @Test("rules for headers and the status that later ones overrule are told")
    func overruledHeaders() {
        #expect(
            lint([
                ("status", .exact), ("header:X-ID", .exact), ("/score", .exact),
                ("header:*", .exact),
                ("status", .ignore(reason: "r")),
            ]) == [
                "rule `status` decides nothing: `status`, which stands later, does at every place it names",
                "rule `header:X-ID` decides nothing: `header:*`, which stands later, does at every place it "
                    + "names",
            ])
        #expect(lint([("header:*", .exact), ("header:x-id", .exact), ("status", .exact)]).isEmpty)
    }

    @Test(
        "rules that name some values together, and others alone, are told with the one that decides"
    )
    func crossing() {
        let near = ComparisonRules.Measure.tolerance(absolute: 1, relative: nil)
        #expect(
            lint([("/items/*/id", near), ("/items/0/*", .exact)])
                == [
                    "rules `/items/*/id` and `/items/0/*` both name up to 40,000 values, as at "
                        + "`/items/*/id`: `/items/0/*` decides there, since it stands later; write the rule "
                        + "that is to win last"
                ])
        let places = AnswerPlaces(exchanges: 5, values: ["/a/s": 5, "/a/t": 5, "/b/s": 3])
        #expect(
            lint([("/a/*", near), ("/*/s", .exact)], places)
                == [
                    "rules `/a/*` and `/*/s` both name 5 values, as at `/a/s`: `/*/s` decides there, since "
                        + "it stands later; write the rule that is to win last"
                ])
        // One that holds beneath a part of another's places, a place that no answer has, the same measure.
        #expect(
            lint([("/items/*/id", near), ("/items/0", .exact)]).first?.hasPrefix(
                "rules `/items/*/id` and `/items/0` both name up to 40,000 values") == true)
        #expect(lint([("/a/*", near), ("/*/t", near)], places).isEmpty)
        #expect(
            lint([("/b/*", near), ("/*/t", .exact)], places).isEmpty)
        // A general rule before an exception is no accident.
        #expect(lint([("body", near), ("/a", .exact), ("/a/s", near)], places).isEmpty)
    }

    @Test("ten pairs are told, and that there are more")
    func manyCrossings() {
        let values = Dictionary(uniqueKeysWithValues: (0..<12).map { ("/k\($0)/s", 1) })
        let rules: [(String, ComparisonRules.Measure)] =
            (0..<12).map { ("/k\($0)/*", .ignore(reason: "r")) } + [
                ("/*/s", .exact), ("/k0", .exact),
            ]
        let told = lint(rules, AnswerPlaces(exchanges: 1, values: values)).filter {
            $0.contains("name values together") || $0.contains("both name")
        }
        #expect(
            told.count == 11 && told.last == "more rules name values together; they are not listed")
    }

    @Test("where places are not known nothing is said, but where there were too many")
    func unknown() {
        #expect(
            lint([("/scroe", .exact)], AnswerPlaces(exchanges: 5, values: nil))
                == [
                    "answers have more than 4,096 places: rules and fields that match nothing, or too much, "
                        + "were not looked for"
                ])
        #expect(lint([], AnswerPlaces(exchanges: 5, values: nil)).isEmpty)
        #expect(lint([("/scroe", .exact)], AnswerPlaces(exchanges: 0, values: nil)).isEmpty)
        #expect(lint([("/scroe", .exact)], AnswerPlaces(exchanges: 0, values: [:])).isEmpty)
    }
}
