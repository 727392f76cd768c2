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

    @Test("where places are not known nothing is said")
    func unknown() {
        #expect(lint([("/scroe", .exact)], AnswerPlaces(exchanges: 5, values: nil)).isEmpty)
        #expect(lint([("/scroe", .exact)], AnswerPlaces(exchanges: 0, values: [:])).isEmpty)
    }
}
