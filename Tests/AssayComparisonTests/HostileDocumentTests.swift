import AssayCore
import AssayEvidence
import Testing

@testable import AssayComparison

@Suite("hostile documents")
struct HostileDocumentTests {
    private func fault(_ bytes: [UInt8], limits: ComparisonLimits = .init()) throws -> String? {
        try JSONDocument(limits: limits).parse(bytes[...])
    }

    @Test(
        "what is not JSON is refused by name",
        arguments: [
            ("", "is empty"), ("  ", "is empty"), ("[1,]", "unexpected"),
            ("{\"a\":1,}", "unexpected"),
            ("[1 2]", "unexpected"), ("{\"a\" 1}", "unexpected"), ("[", "ends too early"),
            ("{\"a\":", "ends too early"), ("{\"a\"", "ends too early"), ("[1", "ends too early"),
            ("{", "ends too early"), ("]", "unexpected"), ("[}", "unexpected"),
            ("{]", "unexpected"),
            ("[01]", "number"), ("[1.]", "number"), ("[.5]", "word"), ("[+1]", "word"),
            ("[-]", "number"),
            ("[1e]", "number"), ("[1x]", "number"), ("[0x10]", "number"), ("[tru]", "word"),
            ("[truex]", "word"), ("[NaN]", "word"), ("[Infinity]", "word"),
            ("[-Infinity]", "number"),
            ("\"abc", "not closed"), ("[\"a\nb\"]", "control character"), (#"["\x"]"#, "escape"),
            (#"["\u12"]"#, "escape"), ("{1:2}", "unexpected"), ("1 1", "goes on"),
            ("{}{}", "goes on"),
            ("nullnull", "word"), ("[\"a\"x]", "unexpected"), ("[1\"a\"]", "number"),
            (#"{"a":1,"a":2}"#, "twice"), (#"{"a":1,"\u0061":2}"#, "twice"), ("[\u{0C}1]", "word"),
            ("//c\n1", "word"), ("'a'", "word"), ("{\"a\":1:2}", "number"), ("[:]", "unexpected"),
            ("[1]\u{0}", "goes on"),
        ])
    func refused(_ text: String, _ reason: String) throws {
        let fault = try fault(Array(text.utf8))
        #expect(fault?.contains(reason) == true, "\(text): \(fault ?? "accepted")")
    }

    @Test("bytes that are not UTF-8 are refused by name")
    func encoding() throws {
        for bytes: [UInt8] in [
            [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC0, 0x80],
        ] {
            #expect(try fault([0x22] + bytes + [0x22])?.contains("UTF-8") == true)
        }
    }

    @Test("depth is bounded, and what is within the bound is compared")
    func depth() throws {
        func nested(_ depth: Int, _ value: String) -> String {
            String(repeating: "[", count: depth) + value + String(repeating: "]", count: depth)
        }
        let within = try Pairs.compare(nested(512, "1"), nested(512, "2"))
        #expect(within.differences.first?.path == String(repeating: "/0", count: 512))
        let beyond = try Pairs.compare(nested(513, "1"), nested(513, "2"))
        #expect(beyond.differences.map(\.path) == ["body"])
        #expect(beyond.notes.first?.contains("nests deeper") == true)
        #expect(
            try fault(Array(String(repeating: "[", count: 1_000_000).utf8))?.contains("deeper")
                == true)
    }

    @Test("size is bounded")
    func size() throws {
        var limits = ComparisonLimits()
        limits.documentSize = 10
        #expect(try fault(Array("[1,2,3,4,5]".utf8), limits: limits)?.contains("larger") == true)
        #expect(try fault(Array("[1,2,3,45]".utf8), limits: limits) == nil)
    }

    @Test("every truncation of a document is refused or a document itself")
    func truncations() throws {
        let text = #"{"a":[1.5e3,true,false,null,"x\u00e9\n\ud83d\ude00"],"b":{"c":{}},"d":-0.0}"#
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            #expect(try fault(Array(bytes[..<length])) != nil, "cut at \(length)")
        }
        #expect(try fault(bytes) == nil)
    }

    @Test("random bytes never crash and agree with the project's own strict parser")
    func fuzz() throws {
        var generator = SplitMix64(seed: 11)
        let seeds = [
            #"{"a":[1.5e3,true,null,"x\u00e9\n"],"b":{"c":{}},"d":-0.0}"#,
            #"[[[]],[{}],{"k":[0,1,2]}]"#,
            #""text""#, "123", #"{"a":"\\","b":"\"","c":"{}[],:"}"#,
        ]
        let alphabet = Array(#"{}[],:"\u0019eE+-.truefalsn /"#.utf8) + [0, 0x0A, 0x80, 0xC3, 0xFF]
        for round in 0..<20_000 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<max(1, bytes.count), using: &generator)
                guard let byte = alphabet.randomElement(using: &generator) else { continue }
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: if place < bytes.count { bytes[place] = byte }
                case 1: bytes.insert(byte, at: place)
                default: if place < bytes.count { bytes.remove(at: place) }
                }
            }
            let ours = (try? JSONParser.parse(bytes, file: "fuzz")) != nil
            let theirs = try fault(bytes) == nil
            if ours != theirs {
                // Ours refuses two things that the comparison takes: numbers beyond a double, and a
                // surrogate that stands alone.
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(
                    theirs && (text.contains("e") || text.contains("E") || text.contains("\\u")),
                    "\(text)")
            }
        }
    }

    @Test("a great many members cost no more than sorting them")
    func manyMembers() throws {
        let names = (0..<20_000).map { "\"k\($0)\":0" }
        let document = "{\(names.joined(separator: ","))}"
        let reversed = "{\(names.reversed().joined(separator: ","))}"
        #expect(try Pairs.compare(document, reversed).isEqual)
        let twice = "{\(names.joined(separator: ",")),\"k77\":1}"
        #expect(try fault(Array(twice.utf8))?.contains("twice") == true)
    }

    @Test("long names and many differences stay within the bytes of a result")
    func longNames() throws {
        let name = String(repeating: "n", count: 100_000)
        func document(_ value: Int) -> String {
            "{\"\(name)\":[\(Array(repeating: String(value), count: 2000).joined(separator: ","))]}"
        }
        let result = try Pairs.compare(document(1), document(2))
        let bytes = result.differences.reduce(0) { $0 + $1.path.utf8.count }
        #expect(bytes < 300_000)
        #expect(result.differences.count == 1000)
    }
}
