import AssayCore
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    /// Golden values: ECMAScript's JSON.stringify, as RFC 8785 appendix B lists them.
    static let numbers: [(Double, String)] = [
        (0, "0"), (-0.0, "0"), (1, "1"), (-1.5, "-1.5"), (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (9007199254740992, "9007199254740992"), (4.5, "4.5"), (0.002, "0.002"), (1e-6, "0.000001"),
        (1e-7, "1e-7"), (1e-27, "1e-27"), (333333333.3333332, "333333333.3333332"),
        (Double.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (Double("295147905179352830000") ?? 0, "295147905179352830000"),
        (Double("999999999999999700000") ?? 0, "999999999999999700000"),
        (1.23e25, "1.23e+25"),
    ]

    @Test("numbers are written as ECMAScript writes them", arguments: numbers)
    func number(value: Double, expected: String) {
        #expect(String(decoding: CanonicalJSON.encode(.double(value)), as: UTF8.self) == expected)
    }

    /// Whole numbers around 2^53, beyond which RFC 8785 would round them to a double.
    static let wholes: [(Int64, String)] = [
        (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_993, "9007199254740993"),
        (-9_007_199_254_740_993, "-9007199254740993"),
        (1_795_242_223_264_478_703, "1795242223264478703"), (.max, "9223372036854775807"),
        (.min, "-9223372036854775808"),
    ]

    @Test("a whole number of 64 bits is written in full and read back exactly", arguments: wholes)
    func whole(value: Int64, expected: String) throws {
        let bytes = CanonicalJSON.encode(.integer(value))
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        #expect(try JSONParser.parse(bytes, file: "whole") == .integer(value))
    }

    @Test("members are sorted by UTF-16 code units, as the RFC's own example")
    func memberOrder() {
        let value: JSONValue = [
            "\u{20ac}": "Euro", "\r": "CR", "\u{fb33}": "Hebrew", "1": "One", "\u{1f600}": "Smiley",
            "\u{80}": "Control", "\u{f6}": "o",
        ]
        let text = String(decoding: CanonicalJSON.encode(value), as: UTF8.self)
        let expected =
            "{\"\\r\":\"CR\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"o\","
            + "\"\u{20ac}\":\"Euro\",\"\u{1f600}\":\"Smiley\",\"\u{fb33}\":\"Hebrew\"}"
        #expect(text == expected)
    }

    @Test("a value read back from its canonical bytes is the same value")
    func roundTrip() throws {
        let value: JSONValue = [
            "a": [1, 2.5, .null, true, "x\u{1}\n\"\\/é😀"], "b": [:], "c": [], "d": [[]],
            "e": .integer(.max), "f": .integer(.min),
        ]
        let bytes = CanonicalJSON.encode(value)
        #expect(try JSONParser.parse(bytes, file: "round trip") == value)
    }

    @Test("every truncation of a document is refused")
    func truncation() {
        let bytes = Array(
            #"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",{"b":null,"c":[true,false]}]}"#.utf8)
        for length in 0..<bytes.count {
            #expect(throws: AssayError.self) {
                try JSONParser.parse(Array(bytes[..<length]), file: "cut at \(length)")
            }
        }
    }

    static let malformed: [(String, String)] = [
        ("", "1:1"), ("{\"a\":1,\"a\":2}", "1:8"), ("[1,]", "1:4"), ("01", "1:3"), ("[1] 2", "1:5"),
        ("\"\\ud800\"", "1:8"), ("\"\\x\"", "1:4"), ("{\n  \"a\": tru\n}", "2:8"), ("nul", "1:1"),
        ("\"a\nb\"", "1:3"), ("1.e5", "1:3"), ("-", "1:1"), ("1e999", "1:6"),
        ("\"\\u+123\"", "1:4"),
    ]

    @Test("a malformed document is refused at its place", arguments: malformed)
    func refuses(text: String, place: String) {
        let error = #expect(throws: AssayError.self) {
            try JSONParser.parse(Array(text.utf8), file: "x.json")
        }
        #expect(error?.location?.description == "x.json:\(place)")
    }

    @Test("nesting is bounded and empty containers do not count twice")
    func nesting() throws {
        let limit = JSONParser.maximumDepth
        let deep = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        _ = try JSONParser.parse(Array(deep.utf8), file: "deep")
        #expect(throws: AssayError.self) {
            try JSONParser.parse(Array("[\(deep)]".utf8), file: "deeper")
        }
        let wide = "[" + Array(repeating: "{},[]", count: 500).joined(separator: ",") + "]"
        _ = try JSONParser.parse(Array(wide.utf8), file: "wide")
    }
}
