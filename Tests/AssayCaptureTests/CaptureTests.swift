import AssayCapture
import AssayCore
import AssayStore
import AssaySystem
import SystemPackage
import Testing

@Suite("Captures")
struct CaptureTests {
    static func exchange(_ number: Int, session: String? = nil) -> Exchange {
        let body = "{\"id\":\"k\(number)\",\"carrier\":\"\(number % 3 == 0 ? "UA" : "HA")\"}"
        var exchange = Exchange(
            request: Array(
                ("POST /score HTTP/1.1\r\nHost: svc\r\nx-user: u\(number % 7)\r\n"
                    + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8),
            response: Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8),
            startedAt: 1_380_000_000_000_000_000 + Int64(number) * 1_000_000, firstByteAfter: 10,
            endedAfter: 20, bundle: Digest(of: [1]))
        exchange.egress = [
            EgressCall(
                name: "rates",
                request: Array("GET /rate?x=\(number) HTTP/1.1\r\nHost: r\r\n\r\n".utf8),
                response: Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1".utf8),
                startedAfter: 1,
                endedAfter: 2)
        ]
        return exchange
    }

    static let rules = ExchangeRules(
        session: .header("X-User"), trace: .header("traceparent"), key: .pointer("/id"),
        routes: [.init("POST /score")], slices: [("carrier", .pointer("/carrier"))])

    static func withDirectory(_ body: (FilePath, Store) throws -> Void) throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-capture-test-")
        try body(directory.path, try Store.create(at: directory.path.appending("store")))
    }

    static func seal(
        _ numbers: [Int], in directory: FilePath, _ store: Store, name: String = "core"
    ) throws -> Capture {
        let path = directory.appending("journal-\(name)")
        var journal = try CaptureJournal(at: path)
        for number in numbers { try journal.append(exchange(number)) }
        try journal.finish()
        let labels = ["k1": "late", "k2": "late", "nobody": "late"]
        let sealed = try CaptureSealer(store: store, rules: rules, labels: labels).seal(
            path, as: name)
        #expect(sealed.unmatchedLabels == 1)
        return sealed.capture
    }

    @Test("exchanges come back as they were, in time order, with what the rules find")
    func roundTrip() throws {
        try Self.withDirectory { directory, store in
            let capture = try Self.seal((0..<50).reversed(), in: directory, store)
            var found: [Exchange] = []
            try capture.forEach { found.append($0) }
            #expect(found.map(\.startedAt) == (0..<50).map { Self.exchange($0).startedAt })
            #expect(found[3].request == Self.exchange(3).request)
            #expect(found[3].response == Self.exchange(3).response)
            #expect(found[3].egress == Self.exchange(3).egress)
            #expect(found[3].session == "u3")
            #expect(found[3].key == "k3")
            #expect(found[3].trace == "0af7651916cd43dd8448eb211c80319c")
            #expect(found[3].route == "POST /score")
            #expect(found[3].slices == ["carrier": "UA"])
            #expect(found[1].label == "late")
            let summary = capture.summary
            #expect(summary.exchanges == 50)
            #expect(summary.sessions == 7)
            #expect(summary.labels == 2)
            #expect(summary.egress == ["rates": 50])
            #expect(summary.slices["carrier"] == ["UA": 17, "HA": 33])
            #expect(summary.losses.isBalanced)
            #expect(try capture.exchange(found[9].id) == found[9])
            #expect(throws: AssayError.self) { try capture.exchange("ffffffffffffffff") }
            #expect(try Capture.open("core", store: store).id == capture.id)
            #expect(
                try Capture.open(String(capture.id.hex.prefix(8)), store: store).id == capture.id)
            let error = #expect(throws: AssayError.self) { try Capture.open("cor", store: store) }
            #expect(error?.message.contains("did you mean core") == true)
        }
    }

    @Test("the id is of the content: any order of coming, and export and import, give the same")
    func identity() throws {
        try Self.withDirectory { directory, store in
            let one = try Self.seal(Array(0..<20), in: directory, store, name: "a")
            let two = try Self.seal((0..<20).reversed(), in: directory, store, name: "b")
            #expect(one.id == two.id)
            let file = directory.appending("core.warc.zst")
            try one.export(to: file)
            let path = directory.appending("imported")
            var journal = try CaptureJournal(at: path)
            let losses = try CaptureFileImport.read(file, into: &journal, salvage: false)
            try journal.finish()
            let again = try CaptureSealer(store: store, losses: losses).seal(path, as: "c").capture
            #expect(again.id == one.id)
        }
    }

    @Test("equal exchanges at one time keep ids of their own")
    func twins() throws {
        try Self.withDirectory { directory, store in
            let capture = try Self.seal([1, 2, 2, 2], in: directory, store)
            let ids = try capture.outline().map(\.id)
            #expect(Set(ids).count == 4)
        }
    }

    @Test("the oldest exchange of a known time has the age, also behind some without times")
    func age() throws {
        let day: Int64 = 86_400 * 1_000_000_000
        let old = 16_000 * day
        try Self.withDirectory { directory, store in
            func capture(_ times: [Int64]) throws -> Capture {
                let path = directory.appending("journal-\(times.map(String.init).joined())")
                var journal = try CaptureJournal(at: path)
                for time in times {
                    var exchange = Self.exchange(1)
                    exchange.startedAt = time
                    try journal.append(exchange)
                }
                try journal.finish()
                return try CaptureSealer(store: store).seal(path, as: "core").capture
            }
            for (times, isOld) in [
                ([old], true), ([old + day], false), ([5], false), ([5, 7, old + day], false),
                ([5, old, old + day], true), ([5, old + day, old + 2 * day], false),
            ] {
                let found = try capture(times).hasExchange(before: old + day)
                #expect(found == isOld, "\(times)")
            }
            let found = try capture([old]).hasExchange(before: -day)
            #expect(!found)
        }
    }

    @Test("a sample holds whole sessions, is the same twice, and differs by seed")
    func sample() throws {
        try Self.withDirectory { directory, store in
            let capture = try Self.seal(Array(0..<70), in: directory, store)
            let chosen = try capture.sample(requests: 25, seed: 1)
            #expect(chosen.count == 30)
            #expect(try capture.sample(requests: 25, seed: 1) == chosen)
            #expect(try capture.sample(requests: 25, seed: 2) != chosen)
            #expect(try capture.sample(requests: 1000, seed: 1).count == 70)
            var seen: [String: Int] = [:]
            try capture.forEach(of: chosen) { seen[$0.session ?? "", default: 0] += 1 }
            #expect(seen.values.allSatisfy { $0 == 10 })
        }
    }

    @Test("of a journal cut at any byte the whole frames are kept and the writer goes on")
    func journalCuts() throws {
        try Self.withDirectory { directory, _ in
            let path = directory.appending("journal")
            var journal = try CaptureJournal(at: path)
            for number in 0..<6 {
                try journal.append(Self.exchange(number))
                if number % 2 == 1 { try journal.flush() }
            }
            try journal.finish()
            let bytes = try FileSystem.read(path)
            var lengths: Set<Int> = []
            for length in stride(from: 0, through: bytes.count, by: 7) {
                let cut = directory.appending("cut")
                try FileSystem.replace(cut, with: Array(bytes[..<length]))
                var again = try CaptureJournal(at: cut)
                try again.append(Self.exchange(99))
                try again.finish()
                var into = try CaptureJournal(at: directory.appending("copy-\(length)"))
                let losses = try CaptureFileImport.read(cut, into: &into, salvage: false)
                lengths.insert(losses.whole)
            }
            #expect(lengths.isSubset(of: [1, 3, 5, 7]))
            #expect(lengths.contains(5))
        }
    }

    @Test("a cut or damaged file says where, and with salvage keeps what is whole")
    func damage() throws {
        try Self.withDirectory { directory, store in
            let capture = try Self.seal(Array(0..<10), in: directory, store)
            let file = directory.appending("core.warc.zst")
            try capture.export(to: file)
            let bytes = try FileSystem.read(file)
            for length in stride(from: 1, to: bytes.count, by: 13) {
                let cut = directory.appending("cut.warc.zst")
                try FileSystem.replace(cut, with: Array(bytes[..<length]))
                let error = #expect(throws: AssayError.self) {
                    var journal = try CaptureJournal(at: directory.appending("x-\(length)"))
                    _ = try CaptureFileImport.read(cut, into: &journal, salvage: false)
                }
                #expect(error?.code == .damaged)
                #expect(error?.message.contains("byte") == true)
                var journal = try CaptureJournal(at: directory.appending("y-\(length)"))
                let losses = try CaptureFileImport.read(cut, into: &journal, salvage: true)
                #expect(losses.isBalanced)
                #expect(losses.truncated >= 1)
            }
            var flipped = bytes
            flipped[bytes.count / 2] ^= 0x10
            try FileSystem.replace(file, with: flipped)
            #expect(throws: AssayError.self) {
                var journal = try CaptureJournal(at: directory.appending("z"))
                _ = try CaptureFileImport.read(file, into: &journal, salvage: false)
            }
        }
    }

    @Test("labels are read strictly")
    func labels() throws {
        let labels = try LabelFile.parse(Array("key,label\na,1\nb,0\n".utf8), file: "l.csv")
        #expect(labels == ["a": "1", "b": "0"])
        for text in [
            "key,label\na\n", "key,label\na,1,2\n", "key,label\na,1\na,2\n", "k,l\n\"a,b,1\n",
        ] {
            let error = #expect(throws: AssayError.self) {
                try LabelFile.parse(Array(text.utf8), file: "l.csv")
            }
            #expect(error?.location != nil)
        }
    }
}
