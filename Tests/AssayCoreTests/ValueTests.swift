import AssayCore
import Testing

@Suite("Values")
struct ValueTests {
    @Test("a digest is the SHA-256 of the bytes and survives its text form")
    func digest() throws {
        let digest = Digest(of: Array("abc".utf8))
        #expect(digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(digest.description) == digest)
        #expect(Digest(hex: digest.hex) == digest)
        #expect(Digest(bytes: digest.bytes) == digest)
        #expect(Digest(hex: digest.hex.uppercased()) == nil)
        #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
        #expect(Digest("sha512:\(digest.hex)") == nil)
    }

    static let globs: [(String, String, Bool)] = [
        ("service/**", "service/app.py", true), ("service/**", "service/a/b.py", true),
        ("service/**", "serviceX/app.py", false), ("*.py", "app.py", true),
        ("*.py", "a/app.py", false),
        ("**/*.py", "app.py", true), ("**/*.py", "a/b/app.py", true), ("a/*/c", "a/b/c", true),
        ("a/*/c", "a/b/d/c", false), ("a/**/c", "a/c", true), ("a/**/c", "a/b/d/c", true),
        ("a?c", "abc", true), ("a?c", "a/c", false), ("**", "x/y", true),
        ("a*b*c", "aXbYbZc", true),
        ("a/**", "a", false), ("**x*y", "a/x/y", false), ("**x*y", "a/b/xzy", true),
    ]

    @Test("globs match whole paths", arguments: globs)
    func glob(pattern: String, path: String, expected: Bool) {
        #expect(Glob(pattern).matches(path) == expected)
    }

    @Test("byte counts have three digits and a unit")
    func byteCount() {
        #expect(ByteCount(1023).description == "1023 B")
        #expect(ByteCount(1024).description == "1.00 KiB")
        #expect(ByteCount(2_883_584).description == "2.75 MiB")
        #expect(ByteCount(300 << 30).description == "300 GiB")
    }

    @Test("fixed decimals round and keep their zeros")
    func fixed() {
        #expect(1.005.fixed(1) == "1.0")
        #expect(99.95.fixed(1) == "100.0" || 99.95.fixed(1) == "99.9")
        #expect((-0.04).fixed(1) == "0.0")
        #expect((-0.06).fixed(1) == "-0.1")
        #expect(0.5.fixed(3) == "0.500")
        #expect(12.0.fixed(0) == "12")
    }

    @Test("a misspelt name finds its neighbour, a strange one finds none")
    func suggestion() {
        let names = ["weights", "features", "environment"]
        #expect(Suggestion.nearest(to: "wieghts", among: names) == "weights")
        #expect(Suggestion.nearest(to: "feature", among: names) == "features")
        #expect(Suggestion.nearest(to: "zzz", among: names) == nil)
        #expect(Suggestion.nearest(to: "", among: names) == nil)
    }

    @Test("pointers escape and split as RFC 6901 says")
    func pointers() {
        #expect(JSONPointer.escape("a/b~c") == "a~1b~0c")
        #expect(JSONPointer.tokens("/a~1b~0c/0/") == ["a/b~c", "0", ""])
        #expect(JSONPointer.tokens("") == [])
        #expect(JSONPointer.tokens("a") == nil)
        #expect(JSONPointer.tokens("/a~2") == nil)
    }

    @Test("a reader names the place of a wrong or missing member")
    func reader() throws {
        let value = try JSONParser.parse(Array(#"{"a":[{"n":1}]}"#.utf8), file: "f")
        let root = JSONReader(value, document: "the manifest")
        let error = #expect(throws: AssayError.self) {
            try root["a"].elements()[0]["n"].string()
        }
        #expect(error?.message == "the manifest: /a/0/n is a whole number, expected a string")
        let missing = #expect(throws: AssayError.self) { try root["b"].digest() }
        #expect(missing?.message == "the manifest: /b is missing, expected a string")
    }
}
