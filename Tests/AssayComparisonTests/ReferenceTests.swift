import AssayCoding
import AssayCore
import AssayEvidence
import AssaySystem
import SystemPackage
import Testing

@testable import AssayComparison

/// Holds comparisons against what other programs find: `References/references.py` says which.
@Suite("what other programs find in answers")
struct ReferenceTests {
    private static func cases(_ name: String) throws -> [JSONReader] {
        let file = FilePath(#filePath).removingLastComponent().appending(
            "References/\(name).jsonl")
        return try FileSystem.read(file).split(separator: 0x0A).enumerated().map { line, bytes in
            let document = "\(name).jsonl:\(line + 1)"
            return JSONReader(
                try JSONParser.parse(Array(bytes), file: document), document: document)
        }
    }

    private static func measure(_ rule: JSONReader) throws -> ComparisonRules.Measure {
        if let ulp = try rule["ulp"].ifPresent?.elements() {
            return .ulp(count: try ulp[0].integer(), bits: try ulp[1].integer())
        }
        if let thresholds = try rule["decision"].ifPresent?.elements() {
            return .decision(thresholds: try thresholds.map { try $0.double() })
        }
        if let minimum = try rule["cosine"].ifPresent?.double() { return .cosine(minimum: minimum) }
        if let top = try rule["rank"].ifPresent?.integer() {
            return .rank(
                top: top, overlap: try rule["overlap"].double(),
                key: try rule["key"].ifPresent?.string())
        }
        if let aspects = try rule["text"].ifPresent?.strings() {
            return .text(ignoring: aspects.compactMap(ComparisonRules.TextAspect.init))
        }
        if let within = try rule["time"].ifPresent?.integer() {
            return .time(within: Int64(within))
        }
        return .tolerance(
            absolute: try rule["abs"].ifPresent?.double(),
            relative: try rule["rel"].ifPresent?.double())
    }

    @Test(
        "a measure lets the same pairs pass",
        arguments: ["ulp", "tolerance", "decision", "cosine", "rank", "text", "time"])
    func measures(name: String) throws {
        let cases = try Self.cases(name)
        #expect(cases.count >= 200)
        for reference in cases {
            let measure = try Self.measure(reference["rule"])
            let (old, new) = (try reference["old"].string(), try reference["new"].string())
            let found = try Pairs.compare("{\"v\":\(old)}", "{\"v\":\(new)}", [("/v", measure)])
            #expect(
                try found.isEqual == reference["same"].bool(),
                "\(reference.document): \(old) and \(new) under \(measure)")
        }
    }

    @Test("the same documents are equal")
    func equality() throws {
        let cases = try Self.cases("equality")
        #expect(cases.count >= 200)
        for reference in cases {
            let (old, new) = (try reference["old"].string(), try reference["new"].string())
            #expect(
                try Pairs.compare(old, new).isEqual == reference["same"].bool(),
                "\(reference.document): \(old) and \(new)")
        }
    }

    @Test("bodies have the same places and values", arguments: ["tables", "tensors", "events"])
    func bodies(name: String) throws {
        let parser = try JSONDocument(limits: ComparisonLimits())
        let cases = try Self.cases(name)
        #expect(cases.count >= 200)
        for reference in cases {
            let body = try #require(Base64.decode(try reference["body"].string()))
            let headers = try reference["headers"].stringMap().map {
                (name: $0.key, value: $0.value)
            }
            let answer = Answer(status: 200, headers: headers, body: body)
            let document = BodyForm.sniff(body[...], of: answer).document(body[...], parser: parser)
            let own = String(decoding: try #require(document), as: UTF8.self)
            let other = try reference["document"].string()
            let found = try Pairs.compare(own, other)
            #expect(
                found.isEqual && found.notes.isEmpty, "\(reference.document): \(own), not \(other)")
        }
    }

    @Test("content encodings are undone to the same bytes")
    func encodings() throws {
        let cases = try Self.cases("encodings")
        #expect(cases.count >= 200)
        for reference in cases {
            let body = try #require(Base64.decode(try reference["body"].string()))
            let length = try reference["length"].integer()
            let encoding = try reference["encoding"].string()
            // What one encoding holds of another may be longer than what that holds.
            let isOne = !encoding.contains(",")
            let plain = try ContentDecoder.decode(
                body[...], encoding: encoding, limit: isOne ? length : 1 << 20)
            #expect(plain.count == length, "\(reference.document)")
            #expect(
                Digest(of: plain).hex == (try reference["sha256"].string()),
                "\(reference.document)")
            #expect(throws: AssayError.self, "\(reference.document)") {
                try ContentDecoder.decode(body[...], encoding: encoding, limit: length - 1)
            }
            #expect(throws: AssayError.self, "\(reference.document)") {
                try ContentDecoder.decode(body.dropLast(), encoding: encoding, limit: 1 << 20)
            }
        }
    }
}
