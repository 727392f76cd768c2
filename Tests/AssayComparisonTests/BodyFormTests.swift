import AssayCore
import AssayEvidence
import Testing

@testable import AssayComparison

@Suite("bodies that are not one JSON document")
struct BodyFormTests {
    private func answer(_ type: String, _ body: [UInt8], header: Int? = nil) -> Answer {
        var headers = [(name: "Content-Type", value: type)]
        if let header { headers.append(("Inference-Header-Content-Length", String(header))) }
        return Answer(status: 200, headers: headers, body: body)
    }

    private func compare(
        _ type: String, _ old: String, _ new: String,
        _ rules: [(String, ComparisonRules.Measure)] = []
    ) throws -> ComparisonResult {
        try AnswerComparer(rules: Pairs.rules(rules)).compare(
            answer(type, Array(old.utf8)), answer(type, Array(new.utf8)))
    }

    @Test("NaN and the infinities are values of their own, never numbers")
    func notFinite() throws {
        #expect(try Pairs.compare("[NaN, -Infinity]", "[ NaN,-Infinity]").isEqual)
        let found = try Pairs.compare(
            "[NaN, 1, Infinity, null]", "[0.5, NaN, -Infinity, NaN]",
            [("/*", .tolerance(absolute: 1e9, relative: nil))])
        #expect(
            Pairs.lines(found) == [
                "retyped /0 NaN 0.5", "retyped /1 1 NaN", "value /2 Infinity -Infinity",
                "retyped /3 null NaN",
            ])
    }

    @Test(
        "JSON lines have a place for each line",
        arguments: [
            "application/x-ndjson", "application/json; charset=utf-8", "application/json-seq",
        ])
    func lines(type: String) throws {
        let separator = type.hasSuffix("seq") ? "\u{1E}" : ""
        let old = "\(separator){\"a\": 1}\n\(separator){\"a\": 2}\n"
        let new = "\(separator){\"a\": 1}\r\n\n\(separator){\"a\": 2.5}"
        #expect(try Pairs.lines(compare(type, old, new)) == ["value /1/a 2 2.5"])
        let rule: [(String, ComparisonRules.Measure)] = [
            ("/*/a", .tolerance(absolute: 1, relative: nil))
        ]
        #expect(try compare(type, old, new, rule).isEqual)
        #expect(
            try Pairs.lines(compare(type, old, old + "{\"a\": 3}\n"))
                == ["added /2 - {\"a\": 3}"])
    }

    @Test("what is not JSON lines is compared as text, and a note says so")
    func badLines() throws {
        for body in ["1,2\n3\n", "{\"a\": 1}\n{\"a\":\n", "\n\n"] {
            let result = try compare("application/x-ndjson", body, body + "7\n")
            #expect(result.differences.map(\.path) == ["body"] || body == "\n\n")
            #expect(result.notes.first?.contains("is not JSON lines") == true, "\(body)")
        }
    }

    @Test("server-sent events: data is JSON where it is, however the lines end")
    func events() throws {
        let old =
            ": hello\nevent: token\ndata: {\"t\": \"a\", \"p\": 0.5}\n\ndata: two\ndata: lines\n\nid: 7\ndata: [DONE]\n\n"
        let new =
            "event:token\r\ndata: {\"p\": 0.75, \"t\": \"a\"}\r\n\r\nretry: 5\r\n\r\ndata: two\rdata: lines\r\rid: 8\ndata: [DONE]\n\n"
        let type = "text/event-stream"
        #expect(
            try Pairs.lines(compare(type, old, new)) == [
                "value /0/data/p 0.5 0.75", "value /2/id \"7\" \"8\"",
            ])
        #expect(
            try compare(
                type, old, new,
                [
                    ("/*/data/p", .tolerance(absolute: 0.5, relative: nil)),
                    ("/*/id", .shape(.digits)),
                ]
            ).isEqual)
        #expect(
            try Pairs.lines(compare(type, "data: a\n\n", "data: a\n\ndata: b\n\n")) == [
                "added /1 - {\"data\":\"b\"}"
            ])
    }

    @Test(
        "an event that no blank line ended is open, so a stream that was cut is told",
        arguments: [
            ("data: a\n\ndata: b", "added /1/open - true"),
            ("data: a\n\ndata: b\n", "added /1/open - true"),
            ("data: a\n\ndata: b\n\ndat", #"added /2 - {"open":true}"#),
            ("data: a\n\ndata: b\n\n: ping", nil), ("data: a\r\r\ndata: b\r\n\r\n", nil),
        ])
    func openEvent(body: String, line: String?) throws {
        let found = try compare("text/event-stream", "data: a\n\ndata: b\n\n", body)
        #expect(Pairs.lines(found) == (line.map { [$0] } ?? []))
        #expect(found.notes.isEmpty)
    }

    @Test(
        "tables of no rows are compared by the names of their header",
        arguments: [
            ("a,b\n", "a,c\n", ["body"]), ("a,b\n", "", ["body"]), ("a,b\n", "b,\"a\"\r\n", []),
            ("a,b\n", "a,c\n1,2\n", ["/0"]), ("\u{FEFF}a,b\n", "a,b", []),
        ])
    func headerAlone(old: String, new: String, paths: [String]) throws {
        let type = "text/csv; header=present"
        #expect(try compare(type, old, new).differences.map(\.path) == paths)
        #expect(try compare(type, new, old).differences.map(\.path) == paths)
        #expect(
            try compare(type, old, new, [("body", .ignore(reason: "header"))]).isEqual)
    }

    @Test("tables: numbers are numbers, quoted fields are text, a header names columns")
    func table() throws {
        let old = "a,0.25,\"x, \"\"y\"\"\"\r\nb,1e-3,007\r\n"
        let new = "a,0.250,\"x, \"\"z\"\"\"\nb,0.0015,7\n"
        #expect(
            try Pairs.lines(compare("text/csv", old, new)) == [
                #"value /0/2 "x, \"y\"" "x, \"z\"""#, "value /1/1 1e-3 0.0015",
                "retyped /1/2 \"007\" 7",
            ])
        #expect(
            try compare(
                "text/csv", "1,0.5\n", "1,0.6\n",
                [("/*/1", .tolerance(absolute: 0.2, relative: nil))]
            ).isEqual)
        #expect(
            try Pairs.lines(
                compare("text/csv; header=present", "id,score\n1,0.5\n", "score,id\n0.6,1"))
                == ["value /0/score 0.5 0.6"])
        #expect(
            try Pairs.lines(compare("text/tab-separated-values", "a\tb\n", "a\tc\n"))
                == ["value /0/1 \"b\" \"c\""])
        let open = try compare("text/csv", "\"a,b\n", "\"a,c\n")
        #expect(
            open.notes == [
                "the old body was compared as text: it is not a table",
                "the new body was compared as text: it is not a table",
            ])
    }

    /// An answer of two tensors, as KServe and Triton send them with binary data.
    private func tensors(_ scores: [Float], _ labels: [String]) -> Answer {
        var data: [UInt8] = []
        for score in scores {
            withUnsafeBytes(of: score.bitPattern.littleEndian) { unsafe data += Array($0) }
        }
        let floats = data.count
        for label in labels {
            withUnsafeBytes(of: UInt32(label.utf8.count).littleEndian) { unsafe data += Array($0) }
            data += Array(label.utf8)
        }
        let header = """
            {"model_name":"m","outputs":[{"name":"score","datatype":"FP32","shape":[\(scores.count)],\
            "parameters":{"binary_data_size":\(floats)}},{"name":"label","datatype":"BYTES",\
            "shape":[\(labels.count)],"parameters":{"binary_data_size":\(data.count - floats)}}]}
            """
        return answer(
            "application/octet-stream", Array(header.utf8) + data, header: header.utf8.count)
    }

    @Test("tensors behind a JSON header have a place for each element")
    func binaryTensors() throws {
        let exact = try AnswerComparer(rules: ComparisonRules())
        let old = tensors([0.5, 1.5, .nan], ["late", "on \"time\""])
        #expect(exact.compare(old, old).isEqual)
        let new = tensors([0.5, 1.5000001, 2], ["late", "soon"])
        let found = exact.compare(old, new).differences
        #expect(
            found.map { "\($0.kind.name) \($0.path)" } == [
                "value /outputs/0/data/1", "retyped /outputs/0/data/2",
                "value /outputs/1/parameters/binary_data_size", "value /outputs/1/data/1",
            ])
        let near = try AnswerComparer(
            rules: Pairs.rules([("/outputs/0/data/*", .ulp(count: 1, bits: 32))]))
        #expect(near.compare(tensors([1.5], ["a"]), tensors([1.5000001], ["a"])).isEqual)
    }

    @Test(
        "elements of every type are written as their values",
        arguments: [
            ("BOOL", [1, 0], "[true,false]"), ("UINT8", [255], "[255]"), ("INT8", [255], "[-1]"),
            ("UINT16", [1, 2], "[513]"), ("INT16", [0xFE, 0xFF], "[-2]"),
            ("INT32", [0xFF, 0xFF, 0xFF, 0x7F], "[2147483647]"),
            ("UINT64", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "[18446744073709551615]"),
            ("FP16", [0x00, 0x3C, 0xFF, 0x7B, 0x01, 0x00], "[1.0,65504.0,5.9604645e-08]"),
            ("FP16", [0x00, 0xFC, 0x01, 0x7E], "[-Infinity,NaN]"), ("BF16", [0x80, 0x3F], "[1.0]"),
            ("FP64", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F], "[1.0]"), ("FP32", [], "[]"),
        ] as [(String, [UInt8], String)])
    func elements(type: String, bytes: [UInt8], text: String) throws {
        let header = """
            {"outputs":[{"datatype":"\(type)","parameters":{"binary_data_size":\(bytes.count)}}]}
            """
        let parser = try JSONDocument(limits: ComparisonLimits())
        let body = (Array(header.utf8) + bytes)[...]
        let document = TensorBody.document(body, header: header.utf8.count, parser: parser)
        #expect(String(decoding: document ?? [], as: UTF8.self).contains("\"data\":\(text)}"))
    }

    @Test("hostile tensors are refused, and compared as bytes")
    func badTensors() throws {
        let parser = try JSONDocument(limits: ComparisonLimits())
        let whole = tensors([0.5, 1.5], ["late"])
        let header = try #require(Int(whole.header("inference-header-content-length") ?? ""))
        let read = TensorBody.document(whole.body, header: header, parser: parser)
        #expect(read != nil)
        for count in 0..<whole.body.count {
            let cut = whole.body.prefix(count)
            let read = TensorBody.document(cut, header: header, parser: parser)
            #expect(read == nil)
        }
        for header in [-1, 0, header - 1, header + 1, whole.body.count + 1, .max] {
            let read = TensorBody.document(whole.body, header: header, parser: parser)
            #expect(read == nil)
        }
        for size in ["-4", "3", "1e9", "\"4\"", "99999999999999999999"] {
            let head = """
                {"outputs":[{"datatype":"FP32","parameters":{"binary_data_size":\(size)}}]}
                """
            let body = Array(head.utf8) + [0, 0, 0, 0]
            let read = TensorBody.document(body[...], header: head.utf8.count, parser: parser)
            #expect(read == nil)
        }
    }

    @Test("no bytes make any form trap")
    func mutations() throws {
        var generator = SplitMix64(seed: 11)
        let seeds: [(String, [UInt8])] = [
            ("text/csv; header=present", Array("a,b\n1,\"x\"\"\"\n".utf8)),
            ("text/event-stream", Array("event: a\ndata: {\"x\":1}\n\nid: 2\n".utf8)),
            ("application/x-ndjson", Array("{\"a\":1}\n[1,2]\n".utf8)),
        ]
        let comparer = try AnswerComparer(rules: ComparisonRules())
        let tensor = tensors([0.5, 1.5], ["late"])
        for _ in 0..<3000 {
            for (type, seed) in seeds {
                let other = answer(type, Self.mutated(seed, &generator))
                _ = comparer.compare(answer(type, seed), other)
            }
            var other = tensor
            other.body = Self.mutated(Array(tensor.body), &generator)[...]
            _ = comparer.compare(tensor, other)
        }
    }

    private static func mutated(
        _ bytes: [UInt8], _ generator: inout SplitMix64
    ) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: place)
            default: bytes.insert(bytes[place], at: place)
            }
        }
        return bytes
    }
}
