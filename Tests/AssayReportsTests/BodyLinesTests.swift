import AssayReports
import Testing

@Suite("bodies side by side")
struct BodyLinesTests {
    @Test("JSON has a line for each member and element, sorted, with the digits it came with")
    func json() {
        #expect(
            BodyLines.text(#" {"b":[1.0,{"y":[],"x":"a,\"]"}],"a":123456789012345678901234567890}"#)
                == [
                    "{", #"  "a": 123456789012345678901234567890,"#, #"  "b": ["#, "    1.0,",
                    "    {", #"      "x": "a,\"]","#, #"      "y": []"#, "    }", "  ]", "}",
                ])
        #expect(BodyLines.text(#"{"a":1}{"#) == [#"{"a":1}{"#])
        #expect(BodyLines.text(#"{"a":oops}"#) == [#"{"a":oops}"#])
        #expect(BodyLines.text(#"{"a""#) == [#"{"a""#])
        #expect(BodyLines.text(#""open\"#) == [#""open\"#])
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(BodyLines.text(deep) == [deep])
    }

    @Test("JSON lines are laid out, event streams and tables keep their lines")
    func lines() {
        #expect(
            BodyLines.text("{\"a\":1}\r\n\r\n[2]\n") == ["{", "  \"a\": 1", "}", "[", "  2", "]"])
        #expect(BodyLines.text("{\"a\":1}\n{no}\n") == ["{\"a\":1}", "{no}"])
        #expect(
            BodyLines.text("data: {\"a\":1}\n\ndata: 2\n\n")
                == ["data: {\"a\":1}", "", "data: 2", ""])
        #expect(BodyLines.text("id,score\r\n1,0.5\r\n") == ["id,score", "1,0.5"])
        #expect(BodyLines.text("") == [])
    }

    @Test("binary bodies say their size and digest, and show their first bytes")
    func binary() {
        let lines = BodyLines.binary(Array(0...16))
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("17 bytes, sha256 "))
        #expect(lines[1] == "0000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f")
        #expect(lines[2] == "0010  10")
        #expect(BodyLines.binary(Array(repeating: 1, count: 600)).last == "⋮ 88 more bytes")
    }

    @Test("a long value is shown where it begins to differ")
    func longValues() {
        let same = String(repeating: "x", count: 200)
        let lines = exampleSideBySide(
            request: [], old: [same + "old"], new: [same + "new"], paths: [],
            style: TextStyle(width: 60))
        let gap = String(repeating: " ", count: 11)
        #expect(lines[1] == "…xxxxxxxxxxxxold\(gap)  ≠  …xxxxxxxxxxxxnew")
    }
}
