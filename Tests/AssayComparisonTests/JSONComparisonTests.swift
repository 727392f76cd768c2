import AssayCore
import AssayEvidence
import Testing

@testable import AssayComparison

@Suite("two JSON answers")
struct JSONComparisonTests {
    @Test(
        "documents with the same meaning are the same",
        arguments: [
            (#"{"a":1,"b":[1,2]}"#, #"{ "b" : [1, 2], "a" : 1 }"#),
            ("[1]", "[1.0]"), ("[0.1]", "[0.10]"), ("[100]", "[1e2]"), ("[1E+2]", "[10.0e1]"),
            ("[0]", "[-0.0]"), ("[0]", "[0e99999999999999999999]"), ("[0.001]", "[1e-3]"),
            ("[123456789012345678901234567890]", "[1.2345678901234567890123456789e29]"),
            (#"["é"]"#, #"["\u00e9"]"#), (#"["😀"]"#, #"["\ud83d\ude00"]"#),
            (#"["a/b"]"#, #"["a\/b"]"#), (#"{"a\u0062":1}"#, #"{"ab":1}"#),
            (#"["\ud800"]"#, #"["\uD800"]"#), ("{}", " {} "), ("[[],{}]", "[ [ ] , { } ]"),
        ])
    func same(_ old: String, _ new: String) throws {
        #expect(try Pairs.compare(old, new) == ComparisonResult())
        #expect(try Pairs.compare(new, old) == ComparisonResult())
    }

    @Test(
        "a difference is found at its place and of its kind",
        arguments: [
            (
                "[9007199254740992]", "[9007199254740993]",
                "value /0 9007199254740992 9007199254740993"
            ),
            ("[0.1]", "[0.10000000000000001]", "value /0 0.1 0.10000000000000001"),
            ("[1e400]", "[1e401]", "value /0 1e400 1e401"),
            ("[1]", "[-1]", "value /0 1 -1"), ("[12]", "[1.2]", "value /0 12 1.2"),
            (
                "[1e99999999999999999999]", "[1e99999999999999999998]",
                "value /0 1e99999999999999999999 1e99999999999999999998"
            ),
            (#"{"a":null}"#, "{}", "removed /a null -"), ("{}", #"{"a":null}"#, "added /a - null"),
            (#"{"a":null}"#, #"{"a":0}"#, "retyped /a null 0"),
            (#"{"a":1}"#, #"{"a":"1"}"#, #"retyped /a 1 "1""#),
            (#"{"a":true}"#, #"{"a":false}"#, "value /a true false"),
            (#"{"a":"x"}"#, #"{"a":"y"}"#, #"value /a "x" "y""#),
            (#"{"a":[]}"#, #"{"a":{}}"#, "retyped /a [] {}"),
            ("[1,2]", "[1]", "removed /1 2 -"), ("[1]", "[1,2]", "added /1 - 2"),
            (#"{"a/b":{"~":1}}"#, #"{"a/b":{"~":2}}"#, "value /a~1b/~0 1 2"),
            (#"{"":1}"#, #"{"":2}"#, "value / 1 2"), ("1", "2", "value body 1 2"),
            ("[1]", "{}", "retyped body [1] {}"),
            (#"["\ud800"]"#, #"["\ud801"]"#, #"value /0 "\ud800" "\ud801""#),
        ])
    func found(_ old: String, _ new: String, _ line: String) throws {
        #expect(try Pairs.lines(Pairs.compare(old, new)) == [line])
    }

    @Test("arrays are compared in their order and never sorted")
    func arrays() throws {
        #expect(
            try Pairs.lines(Pairs.compare("[1,2,3]", "[1,3,2]"))
                == ["value /1 2 3", "value /2 3 2"])
    }

    @Test("members in other orders are matched, also in large objects")
    func largeObjects() throws {
        var generator = SplitMix64(seed: 5)
        let members = (0..<500).map { "\"key\($0)\":\($0)" }
        let old = "{\(members.joined(separator: ","))}"
        var shuffled = members.shuffled(using: &generator)
        #expect(try Pairs.compare(old, "{\(shuffled.joined(separator: ","))}").isEqual)
        shuffled.removeAll { $0 == "\"key77\":77" || $0 == "\"key9\":9" }
        shuffled.append("\"key9\":10")
        shuffled.append("\"new\":1")
        #expect(
            try Pairs.lines(Pairs.compare(old, "{\(shuffled.joined(separator: ","))}"))
                == ["value /key9 9 10", "removed /key77 77 -", "added /new - 1"])
    }

    @Test("values are cut at 200 bytes between scalars")
    func excerpts() throws {
        let long = String(repeating: "é", count: 300)
        let result = try Pairs.compare("[\"\(long)\"]", "[\"x\(long)\"]")
        let old = try #require(result.differences.first?.old)
        #expect(old.utf8.count <= 200)
        #expect(old.hasPrefix("\"éé"))
        #expect(old.hasSuffix("é…"))
    }

    @Test("more differences than the limit are counted in a note")
    func limit() throws {
        let old = "[\(Array(repeating: "1", count: 3000).joined(separator: ","))]"
        let new = "[\(Array(repeating: "2", count: 3000).joined(separator: ","))]"
        let result = try Pairs.compare(old, new)
        #expect(result.differences.count == 1000)
        #expect(result.notes == ["2000 more differences of this answer were counted, not kept"])
    }
}
