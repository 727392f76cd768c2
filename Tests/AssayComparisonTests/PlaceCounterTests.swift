import AssayCore
import AssayEvidence
import Testing

@testable import AssayComparison

@Suite("places of answers")
struct PlaceCounterTests {
    private func places(
        _ answers: [Answer], rules: ComparisonRules = ComparisonRules(),
        limits: PlaceLimits = PlaceLimits()
    ) throws -> AnswerPlaces {
        let counter = PlaceCounter(rules: rules, limits: limits)
        for answer in answers { try counter.observe([answer]) }
        return try counter.places()
    }

    @Test("values are counted by place, arrays starred, empty ones as values")
    func counts() throws {
        let found = try places([
            Pairs.json(#"{"a":1,"b":{"c":[1,2,{"d":null}],"e":[]},"x/y":{}}"#),
            Pairs.json(#"{"b":{"e":[3]},"a":2}"#), Pairs.json("7"), Pairs.text("words"),
        ])
        #expect(
            found
                == AnswerPlaces(
                    exchanges: 4,
                    values: [
                        "/a": 2, "/b/c/*": 2, "/b/c/*/d": 1, "/b/e": 1, "/b/e/*": 1, "/x~1y": 1,
                        "body": 2,
                    ]))
    }

    @Test("bodies that are no JSON document have the places that they are compared by")
    func forms() throws {
        func answer(_ type: String, _ body: String) -> Answer {
            Answer(status: 200, headers: [("content-type", type)], body: Array(body.utf8))
        }
        let found = try places([
            answer("text/event-stream", "data: {\"t\":1}\n\n"),
            answer("text/csv; header=present", "n,m\r\n1,2\r\n"),
            answer("application/json", "{\"l\":1}\n{\"l\":2}\n"),
            answer("application/json", "{\"cut\":"),
        ])
        #expect(
            found.values
                == ["/*/data/t": 1, "/*/n": 1, "/*/m": 1, "/*/l": 2, "body": 1])
    }

    @Test("headers are counted where rules name them")
    func headers() throws {
        let answer = Answer(
            status: 200, headers: [("X-Id", "1"), ("X-Other", "2")], body: Array("a".utf8))
        let found = try places([answer], rules: Pairs.rules([("header:x-id", .exact)]))
        #expect(found.values == ["body": 1, "header:x-id": 1])
    }

    @Test("an object with too many names is starred, and too many places are none")
    func limits() throws {
        let keys = (0..<65).map { "\"u\($0)\":{\"s\":\($0)}" }
        let found = try places([
            Pairs.json("{\(keys[..<40].joined(separator: ","))}"),
            Pairs.json("{\(keys[30...].joined(separator: ",")),\"*\":1}"),
        ])
        #expect(found.values == ["/*/s": 75, "/*": 1])
        #expect(found.starred == ["body"])
        #expect(found.has("/u3/s") == true)
        #expect(found.has("/u3/t") == false)
        var few = PlaceLimits()
        few.places = 20
        let wide = "{\(keys[..<30].joined(separator: ","))}"
        #expect(try places([Pairs.json(wide)], limits: few).values == nil)
        #expect(try places([Pairs.json(wide)], limits: few).has("/u1/s") == nil)
    }

    @Test("any partition adds up to what the whole gives", arguments: 0..<20)
    func partitions(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var limits = PlaceLimits()
        limits.names = 4
        let answers = (0..<60).map { _ in Pairs.json(Self.document(depth: 4, &generator)) }
        let whole = try places(answers, limits: limits)
        #expect(whole.values != nil)
        let counter = PlaceCounter(rules: ComparisonRules(), limits: limits)
        var rest = answers.shuffled(using: &generator)[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...20, using: &generator))
            rest = rest.dropFirst(part.count)
            try counter.add(try places(Array(part), limits: limits))
        }
        #expect(try counter.places() == whole)
    }

    private static func document(depth: Int, _ generator: inout SplitMix64) -> String {
        let kind = depth == 0 ? 0 : Int.random(in: 0...3, using: &generator)
        let count = Int.random(in: 0...3, using: &generator)
        switch kind {
        case 0: return "1"
        case 1:
            let elements = (0..<count).map { _ in document(depth: depth - 1, &generator) }
            return "[\(elements.joined(separator: ","))]"
        default:
            let names = Set((0..<count).map { _ in Int.random(in: 0...5, using: &generator) })
            let members = names.sorted().map {
                "\"k\($0)\":\(document(depth: depth - 1, &generator))"
            }
            return "{\(members.joined(separator: ","))}"
        }
    }
}
