import AssayCapture
import AssayCore
import AssayEvidence
import AssayReplay
import AssayStore
import AssaySystem
import CZstd
import Synchronization
import SystemPackage

/// A store with a capture of the test's service, in a directory of its own.
struct ReplayFixture: ~Copyable {
    let directory: TemporaryDirectory
    let store: Store
    let capture: Capture

    /// One exchange to record.
    struct Recording {
        var target: String
        var answer: String
        var session: String?
        var trace: String?
        var egress: [(target: String, answer: String)] = []
        var egressNanoseconds: Int64 = 100
        var egressHost = "features.example"
        var status = 200
        var bundle: String? = "baseline"
        var headers = ""
    }

    init(_ recordings: [Recording], redaction rules: RedactionRules? = nil) throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-replay-")
        let store = try Store.create(at: directory.path.appending("store"))
        let path = directory.path.appending("journal")
        var journal = try CaptureJournal(at: path)
        for (number, recording) in recordings.enumerated() {
            var exchange = Self.exchange(recording, number: number)
            if let rules {
                _ = try Redactor(rules, key: Self.key).apply(to: &exchange)
            }
            try journal.append(exchange)
        }
        try journal.finish()
        capture = try CaptureSealer(store: store).seal(path, as: "core").capture
        self.directory = directory
        self.store = store
    }

    /// The key of pseudonyms.
    static let key = [UInt8](repeating: 7, count: 32)

    /// The service's own answer, as it would have been recorded.
    static func answer(_ target: String, score: Double = 0.5, more: String = "") -> String {
        #"{"path": "\#(target)", "echo": "", "score": \#(score)\#(more)}"#
    }

    static func plain(_ count: Int) -> [Recording] {
        (0..<count).map { number in
            Recording(
                target: "/predict/\(number)", answer: answer("/predict/\(number)"),
                session: "s\(number % 5)")
        }
    }

    func plan(_ arms: [ArmPlan], _ change: (inout ReplayPlan) -> Void = { _ in }) -> ReplayPlan {
        var plan = ReplayPlan(
            service: "test", captureName: "capture/core", capture: capture.id, store: store.root,
            runs: directory.path.appending("runs"), arms: arms, concurrency: 4,
            isolation: .process, confirmation: .init(processes: 5, budget: 20),
            requestTimeout: .seconds(20), tool: "test")
        change(&plan)
        return plan
    }

    func run(
        _ plan: ReplayPlan, environment: [String: String] = [:]
    ) async throws -> (evidence: Evidence, rows: [ExchangeOutcome]) {
        let evidence = try await ReplayEngine.run(
            plan, store: store, environment: environment, redactionKey: Self.key
        ) { _ in }
        return (evidence, try rows(evidence))
    }

    func rows(_ evidence: Evidence) throws -> [ExchangeOutcome] {
        try lines(evidence.outcomes).map { try ExchangeOutcome.parse(row: $0, name: "row") }
    }

    func lines(_ digest: Digest) throws -> [[UInt8]] {
        let frame = try store.read(digest)
        var bytes = [UInt8](repeating: 0, count: 64 << 20)
        let count = unsafe bytes.withUnsafeMutableBytes { target in
            unsafe frame.withUnsafeBytes { source in
                unsafe ZSTD_decompress(
                    target.baseAddress, target.count, source.baseAddress, source.count)
            }
        }
        guard ZSTD_isError(count) == 0 else { throw AssayError(.damaged, "not one zstd frame") }
        return bytes[..<count].split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    private static func exchange(_ recording: Recording, number: Int) -> Exchange {
        func message(_ start: String, _ headers: String, _ body: String) -> [UInt8] {
            Array("\(start)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
        }
        var headers = "Host: production.example\r\n\(recording.headers)"
        if let trace = recording.trace {
            headers += "traceparent: 00-\(trace)-00f067aa0ba902b7-01\r\n"
        }
        let json = "Content-Type: application/json\r\n"
        return Exchange(
            request: message("GET \(recording.target) HTTP/1.1", headers, ""),
            response: message("HTTP/1.1 \(recording.status) OK", json, recording.answer),
            startedAt: 1_700_000_000_000_000_000 + Int64(number) * 1_000_000,
            firstByteAfter: 500_000,
            endedAfter: 600_000, session: recording.session, trace: recording.trace,
            route: "GET /predict/*", slices: ["parity": number % 2 == 0 ? "even" : "odd"],
            egress: recording.egress.map { call in
                EgressCall(
                    name: "features",
                    request: Array(
                        "GET \(call.target) HTTP/1.1\r\nHost: \(recording.egressHost)\r\n\r\n".utf8),
                    response: message("HTTP/1.1 200 OK", json, call.answer), startedAfter: 100,
                    endedAfter: 100 + recording.egressNanoseconds)
            }, bundle: recording.bundle.map { Digest(of: $0.utf8) })
    }
}

extension Evidence {
    /// What does not depend on the clock, nor on how often services were started.
    var timeless: Evidence {
        var evidence = self
        evidence.latency = [:]
        evidence.sending = nil
        evidence.timings = nil
        for index in evidence.arms.indices {
            evidence.arms[index].starts = 0
            evidence.arms[index].restarts = 0
        }
        return evidence
    }
}
