import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

/// Files that are made to hurt: extreme times, counts that lie, little that unpacks to much.
@Suite("Hostile imports")
struct HostileImportTests {
    private static let late = "2262-04-11T23:47:16.854775807Z"

    private static func read(
        _ text: String, as format: CaptureFormat, options: ImportOptions = ImportOptions()
    ) throws -> (exchanges: [Exchange], losses: CaptureLosses) {
        try ImportSamples.read(Array(text.utf8), as: format, options: options)
    }

    @Test("cassettes at the end of time are lost with a reason, and those behind them are kept")
    func cassettes() throws {
        func interaction(_ time: String) -> String {
            "- request:\n    method: GET\n    uri: http://h/\n  response:\n    status: {code: 200}\n"
                + "  recorded_at: \(time)\n"
        }
        let text =
            "http_interactions:\n" + interaction(Self.late) + interaction(Self.late)
            + interaction("2024-03-01T12:00:00Z") + "recorded_with: VCR\n"
        let (exchanges, losses) = try Self.read(text, as: .vcr)
        #expect(exchanges.map(\.startedAt) == [1_709_294_400_000_000_000])
        #expect(losses.unsupported == 2 && losses.reasons == [Exchange.impossibleTimes: 2])
    }

    @Test("tapped traces at the ends of time are lost with a reason")
    func taps() throws {
        func trace(_ request: String, _ response: String) -> String {
            "{\"http_buffered_trace\":{\"request\":{\"headers\":[{\"key\":\":method\",\"value\":\"GET\"},"
                + "{\"key\":\":path\",\"value\":\"/\"},{\"key\":\":authority\",\"value\":\"h\"}],"
                + "\"headers_received_time\":\"\(request)\"},\"response\":{\"headers\":[{\"key\":\":status\","
                + "\"value\":\"200\"}],\"headers_received_time\":\"\(response)\"}}}\n"
        }
        let text =
            trace(Self.late, Self.late) + trace("1678-01-01T00:00:00Z", Self.late)
            + trace("2024-03-01T12:00:00Z", "2024-03-01T12:00:01Z")
        let (exchanges, losses) = try Self.read(text, as: .envoyTap)
        #expect(exchanges.map(\.endedAfter) == [1_000_000_000])
        #expect(losses.reasons == [Exchange.impossibleTimes: 2])
    }

    private static let line =
        "{\"request\":\"GET / HTTP/1.1\\r\\n\\r\\n\",\"response\":\"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n\","

    @Test(
        "a line whose times cannot be computed with is lost",
        arguments: [
            "\"startedAt\":9223372036854775807,\"firstByteAfter\":0",
            "\"startedAt\":1,\"firstByteAfter\":-9223372036854775808",
            "\"startedAt\":1,\"firstByteAfter\":1,\"endedAfter\":9223372036854775807",
            "\"startedAt\":1,\"firstByteAfter\":1,\"egress\":[{\"name\":\"a\",\"request\":\"GET / HTTP/1.1\\r\\n\\r\\n\","
                + "\"startedAfter\":-9223372036854775808,\"endedAfter\":9223372036854775807}]",
        ])
    func lines(times: String) throws {
        let text = Self.line + times + "}\n" + Self.line + "\"startedAt\":1,\"firstByteAfter\":1}\n"
        let (exchanges, losses) = try Self.read(text, as: .jsonl)
        #expect(exchanges.count == 1 && losses.reasons == [Exchange.impossibleTimes: 1])
    }

    @Test("metadata whose times cannot be computed with are damaged, wherever they are read")
    func metadata() throws {
        func decode(_ change: (inout Exchange) -> Void) throws -> Exchange? {
            var exchange = RedactionTests.exchange()
            change(&exchange)
            var writer = WARCWriter()
            ExchangeEncoder.append(exchange, to: &writer)
            var decoder = ExchangeDecoder(writer.bytes)
            return try decoder.next()
        }
        #expect(try decode { $0.endedAfter = 1 << 61 } != nil)
        #expect(throws: AssayError.self) { try decode { $0.endedAfter = .max } }
        #expect(throws: AssayError.self) { try decode { $0.startedAt = .min } }
        #expect(throws: AssayError.self) {
            try decode {
                $0.egress = [
                    EgressCall(
                        name: "a", request: [1], response: [], startedAfter: .min, endedAfter: .max)
                ]
            }
        }
    }

    @Test("a sink takes no exchange with impossible times, and counts it")
    func sink() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-import-test-")
        var sink = try PreparingSink(in: directory.path, rules: ExchangeRules(), redactor: nil)
        var exchange = RedactionTests.exchange()
        exchange.route = "POST /score"
        try sink.append(exchange)
        exchange.startedAt = .max
        try sink.append(exchange)
        #expect(sink.count == 1 && sink.losses.reasons == [Exchange.impossibleTimes: 1])
    }

    @Test(
        "counts that are below zero, larger than any, or do not add up are refused",
        arguments: [
            (-1, -1, 0), (Int(Int64.max), Int(Int64.max), 0), (3, 2, 0), (2, 3, -1), (3, 2, 2),
        ])
    func counts(seen: Int, whole: Int, skipped: Int) throws {
        let document: JSONValue = [
            "seen": JSONValue(seen), "whole": JSONValue(whole), "truncated": 0, "unsupported": 0,
            "skipped": JSONValue(skipped), "reasons": [:],
        ]
        let reader = JSONReader(document, document: "counts")
        #expect(throws: AssayError.self) { try CaptureLosses(reader) }
    }

    @Test("a line whose messages are no whole HTTP/1.1 is lost with the reason")
    func noHTTP() throws {
        let rest = "\"startedAt\":1,\"firstByteAfter\":1}\n"
        let text =
            "{\"request\":\"not http at all\"," + rest
            + "{\"request\":\"GET / HTTP/1.1\\r\\n\\r\\n\",\"response\":\"HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\n\","
            + rest + Self.line
            + "\"egress\":[{\"name\":\"a\",\"request\":\"what\",\"response\":\"\"}]," + rest
            + Self.line + rest
        let (exchanges, losses) = try Self.read(text, as: .jsonl)
        #expect(exchanges.count == 1 && losses.unsupported == 3)
        #expect(
            losses.reasons == [
                "the request is no whole HTTP/1.1": 1, "the response is no whole HTTP/1.1": 1,
                "the request of a call is no whole HTTP/1.1": 1,
            ])
    }

    @Test("aliases of aliases do not become a body that no memory holds")
    func aliases() throws {
        var text =
            "interactions:\n- request:\n    method: POST\n    uri: http://h/\n    parsed_body:\n"
        text += "      a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let many = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "      a\(level): &a\(level) [\(many)]\n"
        }
        text += "  response:\n    status: {code: 200}\nversion: 1\n"
        let (exchanges, losses) = try Self.read(text, as: .vcr)
        #expect(exchanges.isEmpty && losses.unsupported == 1)
        #expect(losses.reasons.keys.first?.contains("a parsed body is larger than") == true)
    }

    @Test("a tensor of equal elements does not become a body that no memory holds")
    func tensors() throws {
        // DT_STRING of 8 Ki × 8 Ki equal elements of 16 bytes.
        let side: [UInt8] = [0x12, 0x03, 0x08, 0x80, 0x40]
        let text = [UInt8](repeating: 0x61, count: 16)
        let tensor = [0x08, 0x07, 0x12, 0x0A] + side + side + [0x42, 0x10] + text
        var bytes: [UInt8] = []
        #expect(throws: AssayError.self) {
            try TensorJSON.append(tensor[...], name: "x", to: &bytes)
        }
        #expect(bytes.count <= ContentCoding.maximumBody + 32)
        bytes = []
        let small: [UInt8] = [0x12, 0x02, 0x08, 0x02]
        try TensorJSON.append(
            ([0x08, 0x07, 0x12, 0x08] + small + small + [0x42, 0x10] + text)[...], name: "x",
            to: &bytes)
        let element = "\"aaaaaaaaaaaaaaaa\""
        let row = "[\(element),\(element)]"
        #expect(ImportSamples.text(bytes) == "[\(row),\(row)]")
    }

    @Test("what is packed is unpacked in pieces, and every piece comes")
    func packed() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-import-test-")
        let file = directory.path.appending("input")
        let content =
            [UInt8](repeating: 1, count: 24 << 20) + [UInt8](repeating: 2, count: 24 << 20)
        try OpenFile.creating(file).write(try Gzip.member(content))
        var input = try ImportStream(file)
        var all: [UInt8] = []
        var largest = 0
        while true {
            var piece: [UInt8] = []
            guard try input.read(into: &piece) else { break }
            largest = max(largest, piece.count)
            all += piece
        }
        #expect(largest <= 2 << 20)
        #expect(all == content)
    }

    @Test("an exchange that no frame can hold is refused before it is written")
    func large() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-import-test-")
        var exchange = RedactionTests.exchange()
        exchange.response = [UInt8](repeating: 0x61, count: Exchange.maximumSize)
        var journal = try CaptureJournal(at: directory.path.appending("journal"))
        #expect(throws: AssayError.self) { try journal.append(exchange) }
        var sink = try PreparingSink(in: directory.path, rules: ExchangeRules(), redactor: nil)
        try sink.append(exchange)
        #expect(sink.count == 0 && sink.losses.unsupported == 1)
    }

    @Test("damaged halves of a GoReplay file wait in bounded memory too")
    func waiting() throws {
        var pairing = GorPairing(keepsUnanswered: false, maximumCount: 100)
        var list = ExchangeList()
        func add(_ kind: Int, _ number: Int) throws {
            let id = String(number + 100, radix: 16)
            let line = "\(kind) \(String(repeating: "0", count: 24 - id.utf8.count))\(id) 1\n"
            let meta = try #require(GorMeta(Array(line.utf8), at: 0))
            try pairing.add(meta, .init(bytes: [], state: .cut), to: &list)
        }
        for number in 0...100 { try add(1, number) }
        // The second still waits and takes its other half with it; the first was given up.
        try add(2, 1)
        #expect(pairing.losses.seen == 101)
        try add(2, 0)
        #expect(pairing.losses.seen == 102)
    }
}
