import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("Files of GoReplay")
struct GorFileTests {
    static let separator = "\n🐵🙈🙉\n"
    static let id = "932340d4a4ea4cbd8c0a0001"

    static func request(
        _ id: String = id, at time: Int64 = 1000,
        _ text: String = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    ) -> String { "1 \(id) \(time) 0\n\(text)\(separator)" }

    static func response(
        _ id: String = id, at time: Int64 = 1500, took: Int64 = 200,
        _ text: String = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    ) -> String { "2 \(id) \(time) \(took)\n\(text)\(separator)" }

    /// What an import of these bytes gives: the exchanges in time order, read from the journal, so
    /// that many files can be tried without waiting for the disk.
    static func read(
        _ bytes: [UInt8], salvage: Bool = false, keepsUnanswered: Bool = true
    ) throws -> (exchanges: [Exchange], losses: CaptureLosses) {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-gor-test-")
        let file = directory.path.appending("a.gor")
        try OpenFile.creating(file).write(bytes)
        let path = directory.path.appending("journal")
        var journal = try CaptureJournal(at: path)
        let losses = try CaptureImport.read(
            file, format: .gor, into: &journal, salvage: salvage, keepsUnanswered: keepsUnanswered)
        try journal.flush()
        #expect(losses.isBalanced)
        var exchanges: [Exchange] = []
        var frames = try FrameReader(path: path)
        while let frame = try frames.next() {
            var decoder = ExchangeDecoder(frame.content)
            while let exchange = try decoder.next() { exchanges.append(exchange) }
        }
        #expect(exchanges.count == losses.whole)
        return (exchanges.sorted { $0.startedAt < $1.startedAt }, losses)
    }

    static func read(
        _ text: String, salvage: Bool = false
    ) throws -> (exchanges: [Exchange], losses: CaptureLosses) {
        try read(Array(text.utf8), salvage: salvage)
    }

    @Test("a request and its response are joined in either order, with their times")
    func pairs() throws {
        for text in [Self.request() + Self.response(), Self.response() + Self.request()] {
            let (exchanges, losses) = try Self.read(text)
            let exchange = try #require(exchanges.first)
            #expect(losses.whole == 1 && losses.seen == 1)
            #expect(exchange.request == Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            #expect(
                exchange.response == Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8))
            #expect(exchange.startedAt == 1000)
            #expect(exchange.firstByteAfter == 500 && exchange.endedAfter == 700)
        }
    }

    @Test("ids of 40 digits, three fields and a missing last separator are read")
    func variants() throws {
        let id = String(repeating: "ab", count: 20)
        let text =
            "1 \(id) 5\nGET / HTTP/1.1\r\n\r\n\(Self.separator)2 \(id) 6\nHTTP/1.1 204 N\r\n\r\n"
        let (exchanges, losses) = try Self.read(text)
        #expect(losses.whole == 1 && exchanges.first?.endedAfter == 1)
    }

    @Test("a request without a response is kept as one, if that is wanted")
    func unanswered() throws {
        let (exchanges, losses) = try Self.read(Self.request())
        #expect(losses.whole == 1 && losses.seen == 1)
        #expect(exchanges.first?.isAnswered == false)
        let bytes = Array((Self.request() + Self.request() + Self.response()).utf8)
        let strict = try Self.read(bytes, keepsUnanswered: false)
        #expect(strict.losses.whole == 1 && strict.losses.truncated == 1)
    }

    @Test("a body may hold the separator, also with a record behind it")
    func separatorInside() throws {
        let body = "x\(Self.separator)1 \(Self.id) 7 0\ny"
        let length = "POST / HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        let (exchanges, losses) = try Self.read(
            Self.request(Self.id, length) + Self.response(Self.id, chunked))
        #expect(losses.whole == 1 && losses.seen == 1)
        #expect(exchanges.first?.request == Array(length.utf8))
        #expect(exchanges.first?.response == Array(chunked.utf8))
    }

    @Test("responses to HEAD have no body, whichever comes first")
    func head() throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n"
        for method in ["HEAD", "GET"] {
            let request = Self.request(Self.id, "\(method) / HTTP/1.1\r\n\r\n")
            let next = Self.request("932340d4a4ea4cbd8c0a0002")
            for text in [
                request + Self.response(Self.id, head) + next,
                Self.response(Self.id, head) + request + next,
            ] {
                let (_, losses) = try Self.read(text)
                #expect(losses.whole == (method == "HEAD" ? 2 : 1), "\(method)")
                #expect(losses.truncated == (method == "HEAD" ? 0 : 1))
                #expect(losses.seen == 2)
            }
        }
    }

    @Test("what cannot be kept is counted once, with its reason")
    func losses() throws {
        let other = "932340d4a4ea4cbd8c0a0002"
        let cut = "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"
        let odd =
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        let longer = "GET / HTTP/1.1\r\n\r\nmore"
        for (text, kind) in [(cut, 0), (odd, 1), (longer, 1), ("not http", 1)] {
            let (exchanges, losses) = try Self.read(
                Self.request(other, text) + Self.response(other) + Self.request() + Self.response())
            #expect(exchanges.count == 1 && losses.seen == 2 && losses.whole == 1, "\(text)")
            #expect(kind == 0 ? losses.truncated == 1 : losses.unsupported == 1, "\(text)")
            #expect(losses.reasons.values.reduce(0, +) == 1)
        }
        let (_, lonely) = try Self.read(
            Self.request() + Self.response() + Self.response(other)
                + Self.response().replacing("2 \(Self.id)", with: "3 \(Self.id)"))
        #expect(lonely.whole == 1 && lonely.truncated == 1 && lonely.skipped == 1)
    }

    @Test("damage names its byte, and salvage goes on behind it")
    func damage() throws {
        let good = Self.request() + Self.response()
        let text =
            good + "garbage\(Self.separator)"
            + Self.request("932340d4a4ea4cbd8c0a0002") + Self.response("932340d4a4ea4cbd8c0a0002")
        let error = #expect(throws: AssayError.self) { try Self.read(text) }
        #expect(error?.code == .damaged)
        #expect(
            error?.message.contains("at byte \(good.utf8.count)") == true, "\(error?.message ?? "")"
        )
        let (exchanges, losses) = try Self.read(text, salvage: true)
        #expect(exchanges.count == 2 && losses.truncated == 1 && losses.seen == 3)
    }

    static let sample: [UInt8] = {
        var text = ""
        for number in 0..<3 {
            let id = "932340d4a4ea4cbd8c0a100\(number)"
            let body = "{\"n\":\(number)}"
            text += request(
                id, at: Int64(number) * 100,
                "POST /p HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            text += response(
                id, at: Int64(number) * 100 + 5, "HTTP/1.1 200 OK\r\n\r\nuntil the end")
        }
        return Array(text.utf8)
    }()

    /// Bytes as gzip without compression (RFC 1952, and stored blocks of RFC 1951).
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        for start in stride(from: 0, to: bytes.count, by: 100) {
            let block = bytes[start..<min(start + 100, bytes.count)]
            output.append(start + 100 >= bytes.count ? 1 : 0)
            output += little(block.count, 2) + little(~block.count, 2) + block
        }
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return output + little(Int(~sum), 4) + little(bytes.count, 4)
    }

    @Test("gzip is unpacked, also in several members")
    func packed() throws {
        let (plain, _) = try Self.read(Self.sample)
        #expect(plain.count == 3)
        let half = Self.sample.count / 2
        let members =
            Self.gzip(Array(Self.sample[..<half])) + Self.gzip(Array(Self.sample[half...]))
        #expect(try Self.read(Self.gzip(Self.sample)).exchanges == plain)
        #expect(try Self.read(members).exchanges == plain)
    }

    @Test("the committed samples give the same exchanges, packed and not")
    func samples() throws {
        let samples = FilePath(#filePath).removingLastComponent().appending("Samples")
        let (plain, losses) = try Self.read(try FileSystem.read(samples.appending("pairs.gor")))
        let packed = try Self.read(try FileSystem.read(samples.appending("pairs.gor.gz")))
        #expect(plain == packed.exchanges && losses == packed.losses)
        #expect(losses.seen == 5 && losses.whole == 4 && losses.skipped == 1)
        #expect(plain.map(\.isAnswered) == [true, true, true, false])
    }

    @Test(
        "of a file cut at any byte no exchange is wrong, and none is lost unseen",
        arguments: [false, true])
    func truncations(isPacked: Bool) throws {
        let (all, _) = try Self.read(Self.sample)
        let bytes = isPacked ? Self.gzip(Self.sample) : Self.sample
        for length in 1..<bytes.count {
            let cut = Array(bytes[..<length])
            let (kept, losses) = try Self.read(cut, salvage: true)
            for exchange in kept where exchange.isAnswered { #expect(all.contains(exchange)) }
            for exchange in kept where !exchange.isAnswered {
                #expect(all.contains { $0.request == exchange.request }, "\(length)")
            }
            #expect(kept.count + losses.truncated >= 1)
            do {
                let (whole, _) = try Self.read(cut)
                #expect(whole == kept, "\(length)")
            } catch let error as AssayError {
                #expect(error.code == .damaged && losses.truncated > 0, "\(length): \(error)")
            }
        }
    }

    @Test("bytes turned at random never crash the reader", arguments: 0..<40)
    func noise(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        var bytes = Self.sample
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: place)
            default: bytes.insert(contentsOf: bytes[..<min(place, 60)], at: place)
            }
        }
        #expect(try Self.read(bytes, salvage: true).losses.isBalanced)
    }

    @Test("many exchanges across reads of the file come back whole")
    func large() throws {
        var text: [UInt8] = []
        for number in 0..<400 {
            let id = "932340d4a4ea4cbd8c" + String(100_000 + number)
            let body = String(repeating: "x", count: number * 97)
            text +=
                Self.request(
                    id, at: Int64(number),
                    "POST /p HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                ).utf8
            text += Self.response(id, at: Int64(number) + 5).utf8
        }
        let (exchanges, losses) = try Self.read(text)
        #expect(exchanges.count == 400 && losses.seen == 400)
        #expect(exchanges.last?.request.count == exchanges.map(\.request.count).max())
    }

    @Test("the format is told by the content")
    func sniffing() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-gor-test-")
        let file = directory.path.appending("x")
        for (bytes, format) in [(Self.sample, CaptureFormat.gor), (Self.gzip(Self.sample), .gor)] {
            try FileSystem.replace(file, with: bytes)
            #expect(try CaptureImport.sniff(file) == format)
        }
        try FileSystem.replace(file, with: Array("{}".utf8))
        let error = #expect(throws: AssayError.self) { try CaptureImport.sniff(file) }
        #expect(error?.code == .unsupported)
    }
}
