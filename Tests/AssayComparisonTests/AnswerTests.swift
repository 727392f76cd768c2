import AssayCore
import AssayEvidence
import CBrotli
import CZlib
import CZstd
import Testing

@testable import AssayComparison

@Suite("whole answers")
struct AnswerTests {
    private let comparer: AnswerComparer

    init() throws { comparer = try AnswerComparer(rules: ComparisonRules()) }

    @Test("where the status is ignored, the bodies of a success and a failure are compared")
    func ignoredStatus() throws {
        let comparer = try AnswerComparer(rules: Pairs.rules([("status", .ignore(reason: "r"))]))
        let old = Pairs.json(#"{"a":1}"#)
        #expect(
            comparer.compare(old, Pairs.json(#"{"a":1}"#, status: 503))
                == ComparisonResult(suppressed: ["status": 1]))
        let found = comparer.compare(old, Pairs.json(#"{"a":2}"#, status: 503))
        #expect(Pairs.lines(found) == ["value /a 1 2"])
        let exact = try AnswerComparer(rules: ComparisonRules())
        #expect(
            Pairs.lines(exact.compare(old, Pairs.json(#"{"a":2}"#, status: 503)))
                == ["status status 200 503"])
    }

    @Test(
        "rules of the root hold for a body of text",
        arguments: [
            (
                ComparisonRules.Measure.text(ignoring: [.case, .space]), "All  Well\n", "all well",
                true
            ),
            (.text(ignoring: [.case]), "All  well", "all well", false),
            (.time(within: 5_000_000_000), "2013-10-07T16:19:00Z\n", "2013-10-07T16:19:04Z", true),
            (.time(within: 5_000_000_000), "2013-10-07T16:19:00Z", "2013-10-07T16:19:06Z", false),
            (
                .shape(.uuid), "55ce7285-14be-43f2-aa1b-0804503d39a3",
                "1ce39f4f-d27f-4e99-91bd-5f93e04cb7c9\r\n", true
            ),
            (.shape(.hex), "00ff", "none", false),
        ])
    func rootRules(
        measure: ComparisonRules.Measure, old: String, new: String, isEqual: Bool
    ) throws {
        for pointer in ["body", ""] {
            let comparer = try AnswerComparer(rules: Pairs.rules([(pointer, measure)]))
            let found = comparer.compare(Pairs.text(old), Pairs.text(new))
            #expect(found.isEqual == isEqual)
            #expect(found.suppressed == (isEqual ? [pointer: 1] : [:]))
        }
    }

    @Test("bytes that are no text are not the same as others under a rule for text")
    func noText() throws {
        let comparer = try AnswerComparer(rules: Pairs.rules([("", .text(ignoring: [.case]))]))
        func answer(_ byte: UInt8) -> Answer {
            Answer(status: 200, headers: [("content-type", "text/plain")], body: [0x61, byte])
        }
        #expect(!comparer.compare(answer(0xFE), answer(0xFF)).isEqual)
    }

    @Test("another status is one difference unless both are successes")
    func status() {
        let failed = comparer.compare(Pairs.json("[1]"), Pairs.json("[2]", status: 503))
        #expect(Pairs.lines(failed) == ["status status 200 503"])
        let both = comparer.compare(Pairs.json("[1]"), Pairs.json("[2]", status: 201))
        #expect(Pairs.lines(both) == ["status status 200 201", "value /0 1 2"])
        let errors = comparer.compare(
            Pairs.json("[1]", status: 404), Pairs.json("[2]", status: 404))
        #expect(Pairs.lines(errors) == ["value /0 1 2"])
    }

    @Test("the content type is compared without letter case, other headers only by rule")
    func headers() throws {
        let old = Answer(
            status: 200,
            headers: [
                ("Content-Type", "Text/Plain; charset=utf-8"), ("Date", "1"), ("X-N", "1.0"),
            ],
            body: [])
        var new = Answer(
            status: 200,
            headers: [("content-type", "text/plain;charset=utf-8"), ("Date", "2"), ("x-n", "1.2")],
            body: [])
        #expect(comparer.compare(old, new).isEqual)
        let named = try AnswerComparer(
            rules: Pairs.rules([
                ("header:date", .exact), ("header:x-n", .tolerance(absolute: 0.5, relative: nil)),
            ]))
        let result = named.compare(old, new)
        #expect(Pairs.lines(result) == ["header header:date 1 2"])
        #expect(result.suppressed == ["header:x-n": 1])
        new.headers[0].value = "text/html"
        #expect(
            Pairs.lines(comparer.compare(old, new))
                == ["header header:content-type Text/Plain; charset=utf-8 text/html"])
        let ignoring = try AnswerComparer(rules: Pairs.rules([("header:*", .ignore(reason: "r"))]))
        #expect(ignoring.compare(old, new).isEqual)
    }

    @Test("text differs as a whole, shown from where it parts")
    func text() {
        let result = comparer.compare(Pairs.text("on time"), Pairs.text("on tine"))
        #expect(Pairs.lines(result) == ["value body on time on tine"])
        let long = String(repeating: "é", count: 500)
        let far = comparer.compare(Pairs.text(long + "a"), Pairs.text(long + "b"))
        #expect(far.differences[0].old?.hasPrefix("…é") == true)
        #expect(far.differences[0].old?.hasSuffix("éa") == true)
        #expect((far.differences[0].old?.utf8.count ?? 999) <= 200)
    }

    @Test("a plain number as text follows a tolerance for the body")
    func plainNumber() throws {
        let tolerant = try AnswerComparer(
            rules: Pairs.rules([("body", .tolerance(absolute: 0.1, relative: nil))]))
        #expect(tolerant.compare(Pairs.text("0.51\n"), Pairs.text("0.52")).isEqual)
        #expect(!tolerant.compare(Pairs.text("0.51"), Pairs.text("0.62")).isEqual)
        #expect(!tolerant.compare(Pairs.text("a"), Pairs.text("b")).isEqual)
    }

    @Test("bytes that are not text are shown by their digests")
    func bytes() {
        let old = Answer(status: 200, headers: [], body: [0, 1, 2, 255])
        let new = Answer(status: 200, headers: [], body: [0, 1, 2, 254])
        let line = comparer.compare(old, new).differences[0].old ?? ""
        #expect(line.hasPrefix("4 bytes with digest "))
        #expect(line.hasSuffix("apart from 3"))
    }

    @Test("the same content in different encodings is the same")
    func encodings() {
        let plain = Array(#"{"score":0.25,"text":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#.utf8)
        let spaced = Array(#"{"text":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "score":0.25}"#.utf8)
        let old = Answer(status: 200, headers: [("content-type", "application/json")], body: plain)
        for (encoding, body) in [
            ("gzip", Encoders.deflate(spaced, windowBits: 31)),
            (
                "gzip",
                Encoders.deflate(Array(spaced[..<20]), windowBits: 31)
                    + Encoders.deflate(Array(spaced[20...]), windowBits: 31)
            ),
            ("deflate", Encoders.deflate(spaced, windowBits: 15)),
            ("deflate", Encoders.deflate(spaced, windowBits: -15)),
            ("zstd", Encoders.zstd(spaced)),
            ("zstd", Encoders.zstd(Array(spaced[..<9])) + Encoders.zstd(Array(spaced[9...]))),
            ("identity", spaced), ("br", Encoders.brotli(spaced)),
            ("zstd, gzip", Encoders.deflate(Encoders.zstd(spaced), windowBits: 31)),
        ] {
            let new = Answer(
                status: 200,
                headers: [("content-type", "application/json"), ("Content-Encoding", encoding)],
                body: body)
            #expect(comparer.compare(old, new) == ComparisonResult(), "\(encoding)")
        }
    }

    @Test("every truncation of an encoded body is noted and compared as bytes")
    func truncatedEncodings() {
        let plain = Array(#"{"score":0.25}"#.utf8)
        let old = Answer(status: 200, headers: [("content-type", "application/json")], body: plain)
        for (encoding, body) in [
            ("gzip", Encoders.deflate(plain, windowBits: 31)), ("zstd", Encoders.zstd(plain)),
            ("br", Encoders.brotli(plain)), ("deflate", Encoders.deflate(plain, windowBits: 15)),
        ] {
            for length in 1..<body.count {
                let new = Answer(
                    status: 200,
                    headers: [
                        ("content-type", "application/json"), ("content-encoding", encoding),
                    ],
                    body: Array(body[..<length]))
                let result = comparer.compare(old, new)
                #expect(result.notes.count == 1, "\(encoding) cut at \(length)")
                #expect(result.differences.map(\.path) == ["body"])
            }
        }
    }

    @Test("an encoded body that unpacks to too much is refused by its limit")
    func bomb() throws {
        var limits = ComparisonLimits()
        limits.decodedSize = 1000
        let bounded = try AnswerComparer(rules: ComparisonRules(), limits: limits)
        let zeros = [UInt8](repeating: 0, count: 1_000_000)
        for (encoding, body) in [
            ("gzip", Encoders.deflate(zeros, windowBits: 31)), ("zstd", Encoders.zstd(zeros)),
        ] {
            let new = Answer(status: 200, headers: [("content-encoding", encoding)], body: body)
            let result = bounded.compare(Answer(status: 200, headers: [], body: [1]), new)
            #expect(result.notes.first?.contains("more than 1000 B") == true, "\(result.notes)")
        }
    }

    @Test("a body that is not JSON after all is compared as text and says why")
    func notJSON() {
        let result = comparer.compare(Pairs.json("[1]"), Pairs.json("[nan]"))
        #expect(Pairs.lines(result) == ["value body [1] [nan]"])
        #expect(
            result.notes
                == ["the new body was compared as text: it has a word that is not JSON's (byte 1)"])
    }
}

/// Writers of content encodings, for tests.
enum Encoders {
    static func deflate(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = unsafe z_stream()
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + 1000)
        unsafe deflateInit2_(
            &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        defer { unsafe deflateEnd(&stream) }
        let room = output.count
        return unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(room)
                _ = unsafe CZlib.deflate(&stream, Z_FINISH)
                return unsafe Array(target[..<(room - Int(stream.avail_out))])
            }
        }
    }

    static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = unsafe ZSTD_compress(&output, output.count, bytes, bytes.count, 3)
        return Array(output[..<count])
    }

    /// A Brotli stream of one uncompressed metablock (RFC 7932, section 9.2), up to 65,535 bytes:
    /// window bits 16 (0), not last (0), MNIBBLES 4 (00), MLEN-1, uncompressed (1); then an empty
    /// last metablock (11).
    static func brotli(_ bytes: [UInt8]) -> [UInt8] {
        let header = UInt32(bytes.count - 1) << 4 | 1 << 20
        return [UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16)] + bytes + [3]
    }
}
