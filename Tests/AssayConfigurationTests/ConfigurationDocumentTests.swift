import AssayConfiguration
import AssayCore
import Testing

@Suite("configuration documents")
struct ConfigurationDocumentTests {
    func parse(_ text: String) throws -> ConfigurationNode {
        try ConfigurationDocument.parse(Array(text.utf8), file: "t.yaml")
    }

    func failure(_ text: String) -> AssayError? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error as? AssayError
        }
    }

    @Test("scalars stay text, and the schema gives them a type")
    func scalarsStayText() throws {
        let root = try parse("country: NO\nyes: on\nn: 42\nv: 1e-6\nb: true\nq: '7'\n")
        #expect(try root.member("country").text() == "NO")
        #expect(try root.member("yes").text() == "on")
        #expect(try root.member("n").integer() == 42)
        #expect(try root.member("v").number() == 1e-6)
        #expect(try root.member("b").bool())
        #expect(throws: AssayError.self) { try root.member("q").integer() }
        #expect(throws: AssayError.self) { try root.member("yes").bool() }
        #expect(try root.optional("absent") == nil)
    }

    @Test("places are those of the person's file")
    func places() throws {
        let root = try parse("a: 1\nb:\n  - x\n  -   {c: d}\n")
        let list = try root.member("b").sequence()
        #expect(list[0].location.description == "t.yaml:3:5")
        let inner = try list[1].member("c")
        #expect(inner.location.description == "t.yaml:4:11")
        #expect(inner.path == "b[1].c")
        #expect(try root.entries().map(\.key) == ["a", "b"])
        #expect(try parse("x").location.description == "t.yaml:1:1")
    }

    @Test(
        "faults are refused with their place",
        arguments: [
            ("a: 1\na: 2\n", "t.yaml:1:1", "more than once"),
            ("a: 1\n\"a\": 2\n", "t.yaml:1:1", "more than once"),
            ("a: &x 1\n", "t.yaml:1:4", "anchors"),
            ("a: *x\n", "t.yaml:1:4", "aliases"),
            ("<<: {a: 1}\n", "t.yaml:1:1", "merge keys"),
            ("a: 1\n---\nb: 1\n", "t.yaml:2:1", "second document"),
            ("a: !!int 1\n", "t.yaml:1:4", "tags"),
            ("a: !x {b: c}\n", "t.yaml:1:4", "tags"),
            ("a:\n\tb: 1\n", "t.yaml:2:1", "not valid YAML"),
            ("a: [1, 2\n", "t.yaml:2:1", "not valid YAML"),
            ("[a]: 1\n", "t.yaml:1:1", "key must be text"),
            ("? {a: b}\n: c\n", "t.yaml:1:3", "key must be text"),
            ("a: \u{0}\n", "t.yaml:1:4", "control character U+0000"),
            ("", "t.yaml:1:1", "empty"),
            ("# only\n", "t.yaml:1:1", "empty"),
        ])
    func faults(text: String, place: String, words: String) throws {
        let error = try #require(failure(text))
        #expect(error.code == .invalidDocument)
        #expect(error.location?.description == place)
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test("unknown keys ask about the nearest known one")
    func unknownKeys() throws {
        let root = try parse("checks: []\nstagse: []\n")
        do {
            try root.mapping(allowing: ["checks", "stages"])
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.location?.description == "t.yaml:2:1")
            #expect(error.message == "unknown key `stagse` in the document")
            #expect(error.hint == "did you mean `stages`?")
        }
    }

    @Test("a byte order mark is skipped, other encodings are refused")
    func encodings() throws {
        let marked = try ConfigurationDocument.parse(
            [0xEF, 0xBB, 0xBF] + Array("a: b".utf8), file: "t")
        #expect(try marked.member("a").text() == "b")
        #expect(throws: AssayError.self) {
            try ConfigurationDocument.parse(Array("a: ".utf8) + [0xFF, 0xFE], file: "t")
        }
    }

    @Test("ampersands inside text are no anchors")
    func ampersands() throws {
        let root = try parse("a: R & D\nb: 2>&1\nc: http://x/?a=1&b=2\nd: a&b\n")
        #expect(try root.member("b").text() == "2>&1")
        #expect(try root.member("d").text() == "a&b")
        #expect(try parse("a: [\"R &D\", 'x &y', \"**/*.D\"]").member("a").texts()[0] == "R &D")
    }

    @Test("deep, huge and exponential documents are refused quickly")
    func hostile() throws {
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("[[", "]")] {
            for count in [40, 900, 20000] {
                let text =
                    String(repeating: open, count: count) + "x"
                    + String(repeating: close, count: count)
                #expect(failure(text) != nil, "\(open) × \(count)")
            }
        }
        #expect(throws: AssayError.self) {
            try ConfigurationDocument.parse(
                Array(repeating: 0x61, count: 100), file: "t", maximumBytes: 99)
        }
        let bomb = "a: [&a [x,x],&b [*a,*a],{*b : 1}]"
        #expect(failure(bomb)?.message.contains("anchors") == true)
    }

    @Test("no truncation or broken byte of a document crashes")
    func truncations() throws {
        let text =
            "schema: a/v1\nlist: [a, 'b', \"c\\u00e9\\ud800\"]\nm: {x: |\n  y\n, z: >-\n q}\n"
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            _ = try? ConfigurationDocument.parse(Array(bytes[..<end]), file: "t")
        }
        for index in bytes.indices {
            for byte: UInt8 in [0, 9, 10, 0x26, 0x2A, 0x5B, 0x7B, 0x3F, 0x22, 0x80, 0xF8] {
                var broken = bytes
                broken[index] = byte
                _ = try? ConfigurationDocument.parse(broken, file: "t")
            }
        }
    }
}
