import AssayCapture
import AssayCore
import AssayStore
import AssaySystem
import SystemPackage
import Testing

@Suite("The capture format")
struct CaptureFormatTests {
    static func withDirectory(_ body: (FilePath, Store) throws -> Void) throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-format-test-")
        try body(directory.path, try Store.create(at: directory.path.appending("store")))
    }

    static func exchange(_ number: Int) -> Exchange {
        var exchange = Exchange(
            request: Array("GET /e/\(number)?q=a b HTTP/1.1\r\nHost: h\u{e9}\r\n\r\n".utf8),
            response: Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number % 10)".utf8),
            startedAt: 1_700_000_000_000_000_000 + Int64(number), firstByteAfter: 5, endedAfter: 9,
            session: "s\"\(number % 3)\n", trace: "t", key: "k\(number)", route: "GET /e/*",
            slices: ["a\tb": "c\\d", "z": ""], label: "yes", bundle: Digest(of: [7]))
        exchange.egress = [
            EgressCall(
                name: "feature store%\r\nX: y",
                request: Array("GET http://f/x HTTP/1.1\r\n\r\n".utf8),
                response: [], startedAfter: -1, endedAfter: 4),
            EgressCall(
                name: "b", request: Array("odd".utf8),
                response: Array("bytes\r\n\r\nWARC/1.1".utf8),
                startedAfter: 2, endedAfter: 3),
        ]
        return exchange
    }

    /// Exchanges of well-formed HTTP, each with a call.
    static let plain = (0..<3).map { number -> Exchange in
        let body = "{\"n\":\(number)}"
        let length = "Content-Length: \(body.utf8.count)"
        var exchange = Exchange(
            request: Array("POST /score HTTP/1.1\r\nHost: a\r\n\(length)\r\n\r\n\(body)".utf8),
            response: Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8),
            startedAt: Int64(number), firstByteAfter: 1, endedAfter: 2)
        exchange.egress = [
            EgressCall(
                name: "rates", request: Array("GET /r HTTP/1.1\r\nHost: b\r\n\r\n".utf8),
                response: exchange.response, startedAfter: 0, endedAfter: 1)
        ]
        return exchange
    }

    static func seal(
        _ exchanges: [Exchange], _ directory: FilePath, _ store: Store,
        losses: CaptureLosses = CaptureLosses(), name: String = "c"
    ) throws -> Capture {
        let path = directory.appending("journal-\(UInt64.random(in: 0 ... .max))")
        var journal = try CaptureJournal(at: path)
        for exchange in exchanges { try journal.append(exchange) }
        try journal.finish()
        return try CaptureSealer(store: store, losses: losses).seal(path, as: name).capture
    }

    @Test("every field comes back as it was, whatever bytes it holds")
    func fields() throws {
        try Self.withDirectory { directory, store in
            var bare = Exchange(
                request: [0, 1, 2], response: [], startedAt: -5, firstByteAfter: 0, endedAfter: 0)
            bare.route = ""
            let all = [bare] + (0..<5).map(Self.exchange)
            let capture = try Self.seal(all, directory, store)
            var found: [Exchange] = []
            try capture.forEach { found.append($0) }
            #expect(found == all)
            try capture.verify()
            #expect(capture.summary.unanswered == 1)
            for exchange in all { #expect(try capture.exchange(exchange.id) == exchange) }
            let chosen = Set([all[1].id, all[4].id])
            var some: [Exchange] = []
            try capture.forEach(of: chosen) { some.append($0) }
            #expect(some == [all[1], all[4]])
        }
    }

    @Test("losses and id survive export and import; ids of equal exchanges survive a merge")
    func exportImport() throws {
        try Self.withDirectory { directory, store in
            var losses = CaptureLosses()
            for _ in 0..<4 { losses.keep() }
            losses.lose(\.skipped, "why")
            let twin = Self.exchange(1)
            let one = try Self.seal(
                [twin, Self.exchange(2), twin, twin], directory, store, losses: losses)
            #expect(one.summary.losses == losses)
            let file = directory.appending("x.warc.zst")
            try one.export(to: file)
            var journal = try CaptureJournal(at: directory.appending("j"))
            let read = try CaptureImport.read(file, into: &journal)
            try journal.finish()
            #expect(read == losses)
            let sealer = CaptureSealer(store: store, losses: read)
            let again = try sealer.seal(directory.appending("j"), as: "again").capture
            #expect(again.id == one.id)
            var both = try CaptureJournal(at: directory.appending("both"))
            _ = try CaptureImport.read(file, into: &both)
            try both.append(twin)
            try both.finish()
            let merged = try CaptureSealer(store: store).seal(directory.appending("both"), as: "m")
            let ids = try merged.capture.outline().map(\.id)
            #expect(ids.count == 5 && Set(ids).count == 5)
            try merged.capture.verify()
        }
    }

    @Test("a file cut at any byte is noticed, also between two frames; salvage counts the rest")
    func cuts() throws {
        try Self.withDirectory { directory, store in
            var random = SplitMix64(seed: 1)
            let all = (0..<6).map { number -> Exchange in
                var exchange = Self.exchange(number)
                // Each fills a frame of its own.
                exchange.response = (0..<(1 << 20)).map { _ in
                    UInt8.random(in: 0...7, using: &random)
                }
                return exchange
            }.map {
                Exchange(
                    request: $0.request, response: $0.response, startedAt: $0.startedAt,
                    firstByteAfter: 0, endedAfter: 0)
            }
            let capture = try Self.seal(all, directory, store)
            let file = directory.appending("x.warc.zst")
            try capture.export(to: file)
            let bytes = try FileSystem.read(file)
            var counts: Set<Int> = []
            let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
            let starts = (1..<bytes.count - 4).filter { bytes[$0..<$0 + 4].elementsEqual(magic) }
            #expect(starts.count >= 6)
            for length in starts + [1, 50, bytes.count / 2, bytes.count - 1] {
                let cut = directory.appending("cut")
                try FileSystem.replace(cut, with: Array(bytes[..<length]))
                var one = try CaptureJournal(at: directory.appending("one"))
                let error = #expect(throws: AssayError.self) {
                    try CaptureImport.read(cut, format: .capture, into: &one)
                }
                #expect(error?.code == .damaged && error?.message.contains("byte") == true)
                var two = try CaptureJournal(at: directory.appending("two"))
                let losses = try CaptureImport.read(
                    cut, format: .capture, into: &two, salvage: true)
                #expect(losses.isBalanced && losses.truncated > 0)
                if length > 400 { #expect(losses.seen == 6) }
                counts.insert(losses.whole)
            }
            #expect(counts.isSuperset(of: 0...5))
        }
    }

    @Test("a file that is no journal is left alone; a torn one is gone on with, a hurt one is not")
    func journals() throws {
        try Self.withDirectory { directory, store in
            let path = directory.appending("j")
            try FileSystem.replace(path, with: Array("my thesis".utf8))
            #expect(throws: AssayError.self) { _ = try CaptureJournal(at: path) }
            #expect(throws: AssayError.self) { try CaptureJournal.recover(path) }
            #expect(try FileSystem.read(path) == Array("my thesis".utf8))
            try FileSystem.remove(path)
            var journal = try CaptureJournal(at: path)
            for number in 0..<4 {
                try journal.append(Self.exchange(number))
                try journal.flush()
            }
            try journal.finish()
            let bytes = try FileSystem.read(path)
            var hurt = bytes
            hurt[bytes.count / 3] ^= 0xFF
            try FileSystem.replace(path, with: hurt)
            #expect(throws: AssayError.self) { _ = try CaptureJournal(at: path) }
            #expect(try FileSystem.read(path) == hurt)
            var sealed: Set<Int> = []
            for length in Array(stride(from: 0, to: bytes.count, by: 11)) + [bytes.count] {
                try FileSystem.replace(path, with: Array(bytes[..<length]))
                let found = try CaptureJournal.recover(path)
                #expect(found.kept.bytes + found.cut.bytes == length)
                #expect(try FileSystem.status(of: path)?.size == found.kept.bytes)
                guard found.exchanges > 0, sealed.insert(found.exchanges).inserted else { continue }
                let capture = try CaptureSealer(store: store).seal(path, as: "r").capture
                #expect(capture.summary.exchanges == found.exchanges)
            }
            #expect(sealed == [1, 2, 3, 4])
        }
    }

    @Test("what was counted and never reached the disk is a loss")
    func settling() throws {
        try Self.withDirectory { directory, store in
            var losses = CaptureLosses()
            for _ in 0..<5 { losses.keep() }
            let capture = try Self.seal([Self.exchange(1)], directory, store, losses: losses)
            #expect(capture.summary.losses.whole == 1 && capture.summary.losses.truncated == 4)
            #expect(capture.summary.losses.isBalanced)
        }
    }

    @Test("every bit turned in a segment or the index is noticed")
    func damage() throws {
        try Self.withDirectory { directory, store in
            let capture = try Self.seal((0..<20).map(Self.exchange), directory, store)
            let blobs = directory.appending("store/blobs/sha256")
            var noticed = 0
            for layer in try store.artifact(capture.manifest).layers {
                let path = blobs.appending(layer.digest.hex)
                let bytes = try FileSystem.read(path)
                for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 25)) {
                    var hurt = bytes
                    hurt[place] ^= 0x04
                    try FileSystem.replace(path, with: hurt)
                    #expect(throws: AssayError.self) { try capture.verify() }
                    noticed += 1
                }
                try FileSystem.replace(path, with: bytes)
            }
            #expect(noticed > 40)
            try capture.verify()
        }
    }

    @Test("the sample of version 1 is read for ever, and has its id")
    func golden() throws {
        try Self.withDirectory { directory, store in
            let samples = FilePath(#filePath).removingLastComponent().appending("Samples")
            var journal = try CaptureJournal(at: directory.appending("j"))
            let losses = try CaptureImport.read(samples.appending("v1.warc.zst"), into: &journal)
            try journal.finish()
            let sealer = CaptureSealer(store: store, losses: losses)
            let capture = try sealer.seal(directory.appending("j"), as: "v1").capture
            let id = String(
                decoding: try FileSystem.read(samples.appending("v1.id")), as: UTF8.self)
            #expect(capture.id.hex + "\n" == id)
            #expect(capture.summary.exchanges == 5)
            let made = try Self.seal((0..<5).map(Self.exchange), directory, store)
            #expect(made.id == capture.id)
        }
    }

    @Test("at most 1000 names of a kind are told apart")
    func names() throws {
        try Self.withDirectory { directory, store in
            let all = (0..<1100).map { number -> Exchange in
                var exchange = Exchange(
                    request: [1], response: [2], startedAt: Int64(number), firstByteAfter: 0,
                    endedAfter: 0)
                exchange.route = "GET /\(number)"
                return exchange
            }
            let summary = try Self.seal(all, directory, store).summary
            #expect(summary.routes.count == 1001)
            #expect(summary.routes[CaptureSummary.otherNames] == 100)
        }
    }
}
