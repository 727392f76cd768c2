import AssayCore
import AssayStore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("Choosing and sorting")
struct CaptureChooseTests {
    @Test(
        "exchanges come out in time order whatever fits into memory",
        arguments: [1, 20_000, 1 << 30])
    func sorting(memory: Int) throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-sort-test-")
        let made = CaptureExportTests.exchanges(200, seed: 5, isPlain: false)
        var generator = SplitMix64(seed: 9)
        var sorter = ExchangeSorter(in: directory.path, memory: memory)
        for exchange in made.shuffled(using: &generator) { try sorter.append(exchange) }
        var found: [Exchange] = []
        try sorter.merge { found.append($0) }
        #expect(found == made)
        #expect(try FileSystem.names(in: directory.path).isEmpty)
    }

    @Test("a filter takes those that every condition holds for")
    func filter() throws {
        let made = CaptureExportTests.exchanges(30, seed: 5, isPlain: false)
        func count(_ change: (inout CaptureFilter) throws -> Void) rethrows -> Int {
            var filter = CaptureFilter()
            try change(&filter)
            return made.filter(filter.matches).count
        }
        #expect(count { _ in } == 30)
        #expect(try count { try $0.add(status: "404") } == 10)
        #expect(try count { try $0.add(status: "5xx") } == 10)
        #expect(try count { try $0.add(status: "none") } == 0)
        #expect(count { $0.slices = ["c": ["é1"]] } == 15)
        #expect(count { $0.slices = ["none": ["x"]] } == 0)
        #expect(count { $0.labels = ["late"] } == 15)
        #expect(count { $0.sessions = ["s0", "s1"] } == 20)
        #expect(count { $0.routes = ["/p*"] } == 30)
        #expect(count { $0.routes = ["GET /p*"] } == 0)
        #expect(
            count {
                $0.from = made[10].startedAt; $0.to = made[19].startedAt
            } == 10)
        #expect(throws: AssayError.self) { try count { try $0.add(status: "20") } }
        #expect(try CaptureFilter.time("2013-09-01") == 1_377_993_600_000_000_000)
    }

    @Test("a stratified sample has whole sessions of every value, the same for the same seed")
    func strata() throws {
        try CaptureTests.withDirectory { directory, store in
            var made = CaptureExportTests.exchanges(300, seed: 5, isPlain: false)
            for index in made.indices {
                made[index].session = "s\(index / 3)"
                made[index].slices = ["c": index < 6 ? "rare" : "common"]
            }
            let capture = try CaptureExportTests.seal(made, in: directory, store, name: "a")
            let chosen = try capture.sample(requests: 30, seed: 1, stratifiedBy: "c")
            #expect(chosen == (try capture.sample(requests: 30, seed: 1, stratifiedBy: "c")))
            #expect(chosen != (try capture.sample(requests: 30, seed: 2, stratifiedBy: "c")))
            #expect(chosen.count == 30)
            #expect(made.filter { $0.slices["c"] == "rare" && chosen.contains($0.id) }.count == 6)
            let sessions = Dictionary(grouping: made) { $0.session }
            #expect(
                sessions.values.allSatisfy { all in
                    let count = all.filter { chosen.contains($0.id) }.count
                    return count == 0 || count == 3
                })
        }
    }

    @Test("labels come from CSV with quotes and from lines of JSON, by key or id")
    func labels() throws {
        let csv = "key,label\r\nk1,late\n\"k,2\",\"a \"\"b\"\"\"\n"
        #expect(
            try LabelFile.parse(Array(csv.utf8), file: "a.csv") == ["k1": "late", "k,2": "a \"b\""])
        let json = "{\"key\":\"k1\",\"label\":1}\n{\"id\":\"k2\",\"label\":\"x\"}\n"
        #expect(try LabelFile.parse(Array(json.utf8), file: "a.jsonl") == ["k1": "1", "k2": "x"])
        for bad in ["key,label\na\n", "key,label\na,1\na,2\n", "{\"key\":1}\n", "{\n"] {
            #expect(throws: AssayError.self) {
                try LabelFile.parse(Array(bad.utf8), file: "bad")
            }
        }
        try CaptureTests.withDirectory { directory, store in
            let made = CaptureExportTests.exchanges(4, seed: 5, isPlain: true)
            let work = directory.appending("sort")
            try FileSystem.makeDirectory(work)
            var sorter = ExchangeSorter(in: work)
            for exchange in made { try sorter.append(exchange) }
            let sealed = try CaptureSealer(
                store: store, labels: [made[0].id: "late", "none": "late"]
            ).seal(sorter, as: "l")
            #expect(sealed.unmatchedLabels == 1 && sealed.unlabelled == 3)
            #expect(try sealed.capture.exchange(made[0].id).label == "late")
        }
    }

    @Test("times are read in the forms that files hold")
    func times() throws {
        let noon: Int64 = 1_709_294_400_000_000_000
        #expect(Timestamp.nanoseconds("2024-03-01T12:00:00Z") == noon)
        #expect(Timestamp.nanoseconds("2024-03-01T14:00:00.25+02:00") == noon + 250_000_000)
        #expect(Timestamp.nanoseconds("2024-03-01 12:00:00.000000001") == noon + 1)
        #expect(Timestamp.nanoseconds("1969-12-31T23:59:59.5Z") == -500_000_000)
        #expect(Timestamp.nanoseconds(httpDate: "Fri, 01 Mar 2024 12:00:00 GMT") == noon)
        for bad in [
            "", "2024", "2024-13-01T00:00:00Z", "2024-03-01T12:00:00Zx", "9999-03-01T12:00:00Z",
        ] {
            #expect(Timestamp.nanoseconds(bad) == nil, "\(bad)")
        }
        #expect(Timestamp.nanoseconds(Double.infinity) == nil)
    }
}
