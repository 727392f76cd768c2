import AssayCore
import AssayStore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("Exports")
struct CaptureExportTests {
    /// Seeded exchanges of all forms that a format should hold: bodies of text and bytes, of none, with
    /// and without answers.
    static func exchanges(_ count: Int, seed: UInt64, isPlain: Bool) -> [Exchange] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { number in
            let isBinary = Int.random(in: 0..<3, using: &generator) == 0
            let size = Int.random(in: 0..<200, using: &generator)
            let body: [UInt8] = (0..<size).map { _ in
                isBinary
                    ? UInt8.random(in: 0...255, using: &generator)
                    : UInt8.random(in: 0x20...0x7E, using: &generator)
            }
            let method = ["POST", "PUT"][Int.random(in: 0..<2, using: &generator)]
            let head =
                "\(method) /p\(number)?q=%20\(number) HTTP/1.1\r\nHost: svc:8000\r\nX-N: é\(number)\r\n"
            let answer = "HTTP/1.1 \([200, 404, 503][number % 3]) Reason \(number)\r\nX-M: a\r\n"
            let length = "Content-Length: \(body.count)\r\n\r\n"
            var exchange = Exchange(
                request: Array((head + length).utf8) + body,
                response: Array((answer + length).utf8) + body.reversed(),
                startedAt: 1_700_000_000_000_000_000 + Int64(number) * 1_234_567,
                firstByteAfter: Int64(number) * 1001, endedAfter: Int64(number) * 2003)
            if !isPlain {
                exchange.session = "s\(number % 3)"
                exchange.key = "k\"\(number)"
                exchange.label = number % 2 == 0 ? "late" : nil
                exchange.slices = ["c": "é\(number % 2)"]
                exchange.route = "\(method) /p*"
                exchange.redacted = ["request header cookie"]
                exchange.egress = [
                    EgressCall(
                        name: "rates", request: Array("GET / HTTP/1.1\r\n\r\n".utf8),
                        response: number % 2 == 0
                            ? []
                            : Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".utf8) + [
                                0xFF, 0x00,
                            ],
                        startedAfter: 1, endedAfter: 2)
                ]
            }
            return exchange
        }
    }

    static func seal(
        _ exchanges: [Exchange], in directory: FilePath, _ store: Store, name: String
    ) throws -> Capture {
        let work = directory.appending("sort-\(name)")
        try FileSystem.makeDirectory(work)
        var sorter = ExchangeSorter(in: work)
        for exchange in exchanges { try sorter.append(exchange) }
        return try CaptureSealer(store: store).seal(sorter, as: name).capture
    }

    static func all(_ capture: Capture) throws -> [Exchange] {
        var found: [Exchange] = []
        try capture.forEach { found.append($0) }
        return found
    }

    @Test(
        "what is exported and imported again is the same capture, as far as the format holds it",
        arguments: CaptureExportFormat.allCases)
    func roundTrip(format: CaptureExportFormat) throws {
        for isPlain in [true, false] {
            try CaptureTests.withDirectory { directory, store in
                let made = Self.exchanges(60, seed: 3, isPlain: isPlain)
                let capture = try Self.seal(made, in: directory, store, name: "a")
                let file = directory.appending("out.\(format.rawValue)")
                let report = try capture.export(to: file, as: format)
                #expect(report.written == 60)
                var list = ExchangeList()
                let losses = try CaptureImport.read(
                    file, into: &list, options: ImportOptions(keepsUnanswered: format == .vegeta))
                #expect(losses.whole == 60 && losses.isBalanced)
                switch format {
                case .capture, .warc, .packedWARC, .jsonl:
                    #expect(report.notes.isEmpty)
                    #expect(list.exchanges == (try Self.all(capture)))
                    let again = try Self.seal(list.exchanges, in: directory, store, name: "b")
                    #expect(again.summary.content == capture.summary.content)
                case .har, .gor, .packedGor:
                    #expect(report.notes.isEmpty == isPlain, "\(report.notes)")
                    for (left, right) in zip(list.exchanges, try Self.all(capture)) {
                        #expect(left.id == right.id && left.endedAfter == right.endedAfter)
                        #expect(
                            ImportSamples.text(left.request) == ImportSamples.text(right.request))
                        #expect(left.firstByteAfter == right.firstByteAfter)
                    }
                case .vegeta:
                    #expect(!report.notes.isEmpty)
                    for (left, right) in zip(list.exchanges, try Self.all(capture)) {
                        let (one, two) = (
                            try HTTPMessage(left.request, role: .request),
                            try HTTPMessage(right.request, role: .request)
                        )
                        #expect(
                            one.body.elementsEqual(two.body) && one.head.target == two.head.target)
                        #expect(one.head["x-n"] == two.head["x-n"])
                    }
                }
            }
        }
    }

    @Test("a format says which exchanges had what it cannot hold")
    func notes() throws {
        try CaptureTests.withDirectory { directory, store in
            let chunked = Exchange(
                request: Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
                response: Array(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n".utf8
                ),
                startedAt: 1, firstByteAfter: 1, endedAfter: 2)
            let capture = try Self.seal([chunked], in: directory, store, name: "a")
            let report = try capture.export(to: directory.appending("a.har"), as: .har)
            #expect(report.notes == ["its chunks are not in the file": 1])
        }
    }

    @Test("a file that is there already is left as it is")
    func existing() throws {
        try CaptureTests.withDirectory { directory, store in
            let made = Self.exchanges(2, seed: 1, isPlain: true)
            let capture = try Self.seal(made, in: directory, store, name: "a")
            let file = directory.appending("a.har")
            try OpenFile.creating(file).write([1])
            #expect(throws: AssayError.self) { try capture.export(to: file, as: .har) }
            #expect(try FileSystem.read(file) == [1])
        }
    }
}
