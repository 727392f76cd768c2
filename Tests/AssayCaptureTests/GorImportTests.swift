import AssayCapture
import AssayCore
import AssaySystem
import SystemPackage
import Testing

@Suite("GoReplay import")
struct GorImportTests {
    static let separator = "\n🐵🙈🙉\n"

    static func id(_ number: Int) -> String {
        let hex = String(number, radix: 16)
        return String(repeating: "0", count: 24 - hex.count) + hex
    }

    static func request(_ number: Int, body: String = "hello") -> String {
        "1 \(id(number)) \(1_700_000_000_000_000_000 + number) 0\nPOST /p HTTP/1.1\r\nHost: x\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)" + separator
    }

    static func response(_ number: Int, type: Int = 2) -> String {
        "\(type) \(id(number)) \(1_700_000_000_000_000_000 + number + 5) 7\nHTTP/1.1 200 OK\r\n"
            + "Content-Length: 2\r\n\r\nok" + separator
    }

    static func read(
        _ text: String, salvage: Bool = false
    ) throws -> (losses: CaptureLosses, exchanges: [Exchange]) {
        try read(Array(text.utf8), salvage: salvage)
    }

    static func read(
        _ bytes: [UInt8], salvage: Bool
    ) throws -> (losses: CaptureLosses, exchanges: [Exchange]) {
        var result: (losses: CaptureLosses, exchanges: [Exchange]) = (CaptureLosses(), [])
        try CaptureTests.withDirectory { directory, store in
            let file = directory.appending("in.gor")
            try FileSystem.replace(file, with: bytes)
            let path = directory.appending("journal")
            var journal = try CaptureJournal(at: path)
            result.losses = try GorImport.read(file, into: &journal, salvage: salvage)
            try journal.finish()
            guard result.losses.whole > 0 else { return }
            let sealed = try CaptureSealer(store: store, losses: result.losses).seal(path, as: "x")
            try sealed.capture.forEach { result.exchanges.append($0) }
        }
        return result
    }

    @Test("requests and responses are joined in either order, with their times")
    func pairs() throws {
        let text =
            Self.request(1) + Self.response(2) + Self.response(1) + Self.request(2)
            + Self.response(3, type: 3)
        let (losses, exchanges) = try Self.read(text)
        #expect(losses.whole == 2)
        #expect(losses.skipped == 1)
        #expect(losses.isBalanced)
        #expect(
            exchanges.map(\.startedAt) == [1_700_000_000_000_000_001, 1_700_000_000_000_000_002])
        #expect(exchanges[0].firstByteAfter == 5)
        #expect(exchanges[0].endedAfter == 12)
        #expect(String(decoding: exchanges[0].request, as: UTF8.self).hasSuffix("hello"))
    }

    @Test("a file of which nothing can be kept is named, with what was lost and why")
    func nothingKept() throws {
        try CaptureTests.withDirectory { directory, store in
            let file = directory.appending("in.gor")
            try FileSystem.replace(
                file, with: Array((Self.request(1) + Self.response(3, type: 3)).utf8))
            let path = directory.appending("journal")
            var journal = try CaptureJournal(at: path)
            let losses = try GorImport.read(file, into: &journal, salvage: false)
            try journal.finish()
            let error = #expect(throws: AssayError.self) {
                try CaptureSealer(store: store, losses: losses, source: "in.gor").seal(
                    path, as: "x")
            }
            let text = "\(error?.message ?? "") \(error?.hint ?? "")"
            #expect(text.contains("in.gor"))
            #expect(text.contains("seen 2 = whole 0 + truncated 1 + unsupported 0 + skipped 1"))
            for (reason, count) in losses.reasons {
                #expect(text.contains("\(count) × \(reason)"))
            }
            #expect(!text.contains("journal"))
        }
    }

    @Test("an answer to HEAD has no body, whatever its length says")
    func head() throws {
        let text =
            "1 \(Self.id(1)) 1700000000000000001 0\nHEAD /p HTTP/1.1\r\nHost: x\r\n\r\n"
            + Self.separator
            + "2 \(Self.id(1)) 1700000000000000006 7\nHTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"
            + Self.separator + Self.request(2) + Self.response(2)
        #expect(try Self.read(text).losses.whole == 2)
    }

    @Test("a body that holds the separator line is read whole")
    func separatorInBody() throws {
        let body = "a\n🐵🙈🙉\nb"
        let (losses, exchanges) = try Self.read(Self.request(1, body: body) + Self.response(1))
        #expect(losses.whole == 1)
        #expect(String(decoding: exchanges[0].request, as: UTF8.self).hasSuffix(body))
    }

    @Test(
        "the separator after the last record may be absent, and halves without a twin are counted")
    func lastSeparator() throws {
        let text = Self.request(1) + Self.response(1)
        let cut = String(text.dropLast(Self.separator.count))
        #expect(try Self.read(cut).losses.whole == 1)
        let (losses, exchanges) = try Self.read(
            Self.request(1) + Self.request(2) + Self.response(2))
        #expect(losses.whole == 1)
        #expect(losses.truncated == 1)
        #expect(exchanges.count == 1)
    }

    @Test("of every truncation only whole exchanges are kept, and damage has its byte")
    func truncations() throws {
        let bytes = Array(
            (Self.request(1) + Self.response(1) + Self.request(2) + Self.response(2)).utf8)
        for length in stride(from: 1, to: bytes.count, by: 3) {
            let cut = Array(bytes[..<length])
            do {
                let (losses, _) = try Self.read(cut, salvage: false)
                #expect(losses.whole <= 2)
            } catch let error as AssayError {
                #expect(error.description.contains("byte"), "\(length)")
            }
            let (losses, exchanges) = try Self.read(cut, salvage: true)
            #expect(losses.isBalanced)
            #expect(
                exchanges.allSatisfy {
                    String(decoding: $0.request, as: UTF8.self).hasSuffix("hello")
                })
        }
    }

    static let malformed = [
        "9 \(id(1)) 1700000000000000000 0\nGET / HTTP/1.1\r\n\r\n\(separator)",
        "1 zz 1700000000000000000 0\nGET / HTTP/1.1\r\n\r\n\(separator)",
        "1 \(id(1)) never 0\nGET / HTTP/1.1\r\n\r\n\(separator)",
        "not a capture at all\n", String(repeating: "x", count: 5000),
    ]

    @Test(
        "what is not GoReplay is refused at its byte; salvage keeps what follows",
        arguments: malformed)
    func refused(text: String) throws {
        let error = #expect(throws: AssayError.self) { try Self.read(text) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("byte 0") == true)
        let (losses, _) = try Self.read(
            text + Self.separator + Self.request(1) + Self.response(1), salvage: true)
        #expect(losses.whole == 1)
        #expect(losses.truncated >= 1)
    }
}
