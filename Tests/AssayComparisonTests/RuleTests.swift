import AssayCore
import AssayEvidence
import Testing

@testable import AssayComparison

@Suite("comparison rules")
struct RuleTests {
    @Test("a tolerance lets near numbers pass and counts them")
    func tolerance() throws {
        let rules: [(String, ComparisonRules.Measure)] = [
            ("/a", .tolerance(absolute: 0.5, relative: nil)),
            ("/b", .tolerance(absolute: nil, relative: 0.01)),
        ]
        let near = try Pairs.compare(#"{"a":1.0,"b":1000}"#, #"{"a":1.5,"b":1009}"#, rules)
        #expect(near == ComparisonResult(suppressed: ["/a": 1, "/b": 1]))
        let far = try Pairs.compare(#"{"a":1.0,"b":1000}"#, #"{"a":1.6,"b":1011}"#, rules)
        #expect(Pairs.lines(far) == ["value /a 1.0 1.6", "value /b 1000 1011"])
        let text = try Pairs.compare(#"{"a":1.0}"#, #"{"a":"1.0"}"#, rules)
        #expect(Pairs.lines(text) == [#"retyped /a 1.0 "1.0""#])
    }

    @Test("integers beyond doubles keep their difference under a tolerance")
    func largeIntegers() throws {
        let rules: [(String, ComparisonRules.Measure)] = [
            ("/0", .tolerance(absolute: 0.5, relative: nil))
        ]
        #expect(try !Pairs.compare("[9007199254740992]", "[9007199254740993]", rules).isEqual)
        #expect(
            try !Pairs.compare("[-9223372036854775808]", "[9223372036854775807]", rules).isEqual)
        #expect(try !Pairs.compare("[1e400]", "[1e401]", rules).isEqual)
        #expect(try Pairs.compare("[1e-400]", "[1e-401]", rules).isEqual)
    }

    @Test("a decision rule sees only thresholds that are crossed")
    func decision() throws {
        let rules: [(String, ComparisonRules.Measure)] = [
            ("/p", .decision(thresholds: [0.5, 0.9]))
        ]
        #expect(try Pairs.compare(#"{"p":0.1}"#, #"{"p":0.49}"#, rules).suppressed == ["/p": 1])
        #expect(
            try Pairs.lines(Pairs.compare(#"{"p":0.49}"#, #"{"p":0.5}"#, rules)) == [
                "decision /p 0.49 0.5"
            ])
        #expect(
            try Pairs.lines(Pairs.compare(#"{"p":0.6}"#, #"{"p":0.95}"#, rules)) == [
                "decision /p 0.6 0.95"
            ])
    }

    @Test("a class under a written exact rule is a decision")
    func classes() throws {
        let rules: [(String, ComparisonRules.Measure)] = [("/d", .exact)]
        #expect(
            try Pairs.lines(Pairs.compare(#"{"d":"late","n":1}"#, #"{"d":"soon","n":2}"#, rules))
                == [#"decision /d "late" "soon""#, "value /n 1 2"])
        #expect(
            try Pairs.lines(Pairs.compare(#"{"d":true}"#, #"{"d":false}"#, rules)) == [
                "decision /d true false"
            ])
        #expect(try Pairs.lines(Pairs.compare(#"{"d":1}"#, #"{"d":2}"#, rules)) == ["value /d 1 2"])
    }

    @Test("the last rule that matches wins, and a rule holds beneath its place")
    func precedence() throws {
        let old = #"{"meta":{"id":1,"time":{"ms":1}},"items":[{"id":1,"v":1},{"id":2,"v":2}]}"#
        let new = #"{"meta":{"id":2,"time":{"ms":2}},"items":[{"id":9,"v":1},{"id":8,"v":3}]}"#
        func lines(_ rules: [(String, ComparisonRules.Measure)]) throws -> [String] {
            try Pairs.lines(Pairs.compare(old, new, rules))
        }
        let ignore = ComparisonRules.Measure.ignore(reason: "clock")
        #expect(
            try lines([("/meta", ignore), ("/meta/id", .exact), ("/items/*/id", ignore)])
                == ["value /meta/id 1 2", "value /items/1/v 2 3"])
        #expect(try lines([("/meta/id", .exact), ("/meta", ignore), ("/items", ignore)]) == [])
        #expect(try lines([("", ignore)]) == [])
        #expect(try lines([("body", ignore), ("/items/1/v", .exact)]) == ["value /items/1/v 2 3"])
        #expect(
            try lines([
                ("/*/*/id", ignore), ("/*/id", ignore), ("/*/*/ms", ignore),
                ("/items/0/id", .exact),
            ])
                == ["value /items/0/id 1 9", "value /items/1/v 2 3"])
    }

    @Test("silencing id does not silence what only starts alike")
    func noSubstrings() throws {
        let result = try Pairs.compare(
            #"{"items":{"id":1,"idempotency_key":1}}"#, #"{"items":{"id":2,"idempotency_key":2}}"#,
            [("/items/id", .ignore(reason: "random"))])
        #expect(Pairs.lines(result) == ["value /items/idempotency_key 1 2"])
        #expect(result.suppressed == ["/items/id": 1])
    }

    @Test("an ignored member may come and go")
    func absent() throws {
        let rules: [(String, ComparisonRules.Measure)] = [("/trace", .ignore(reason: "id"))]
        #expect(try Pairs.compare(#"{"trace":1}"#, "{}", rules).suppressed == ["/trace": 1])
        #expect(try Pairs.compare("{}", #"{"trace":1}"#, rules).isEqual)
    }

    @Test("escaped tokens, a literal star's neighbours and long indices match by name")
    func tokens() throws {
        let rules: [(String, ComparisonRules.Measure)] = [
            ("/a~1b/~0x", .ignore(reason: "r")), ("/10", .ignore(reason: "r")),
        ]
        #expect(try Pairs.compare(#"{"a/b":{"~x":1}}"#, #"{"a/b":{"~x":2}}"#, rules).isEqual)
        #expect(try Pairs.compare(#"{"10":1}"#, #"{"10":2}"#, rules).isEqual)
        let old = "[0,0,0,0,0,0,0,0,0,0,1,1]"
        let new = "[0,0,0,0,0,0,0,0,0,0,2,2]"
        #expect(try Pairs.lines(Pairs.compare(old, new, rules)) == ["value /11 1 2"])
    }

    @Test("a rule that names no place or cannot be followed is refused")
    func refused() {
        let bad: [(String, ComparisonRules.Measure)] = [
            ("score", .exact), ("/a~2", .exact), ("/a", .tolerance(absolute: nil, relative: nil)),
            ("/a", .tolerance(absolute: -1, relative: nil)),
            ("/a", .tolerance(absolute: .nan, relative: nil)),
            ("/a", .decision(thresholds: [.infinity])),
            ("status", .tolerance(absolute: 1, relative: nil)), ("header:x", .cosine(minimum: 0)),
            ("header:x", .rank(top: 1, overlap: 1, key: nil)), ("header:", .exact),
            ("egress:rates", .ignore(reason: "new")),
        ]
        for rule in bad {
            #expect(throws: AssayError.self) { try AnswerComparer(rules: Pairs.rules([rule])) }
        }
    }
}
