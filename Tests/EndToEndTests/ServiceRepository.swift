import AssayCore
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

/// A git repository of a small scoring service, with its store, in a directory of its own.
struct ServiceRepository: ~Copyable {
    private let directory: TemporaryDirectory
    /// The top of the repository.
    var path: FilePath { directory.path.appending("repository") }
    /// The directory of the service, which is the top unless another was asked for.
    var service: FilePath { below.isEmpty ? path : path.appending(below) }
    private let below: String
    /// A place for files that do not belong to it.
    var outside: FilePath { directory.path }

    private static let source = FilePath(#filePath).removingLastComponent()

    /// Makes the repository with a first commit and a capture `core` of 60 exchanges; the service
    /// lies in the directory `below` of it.
    static func make(
        definition: String = ServiceRepository.definition, below: String = ""
    ) async throws -> ServiceRepository {
        let repository = ServiceRepository(
            directory: try TemporaryDirectory(in: "/tmp", prefix: "assay-e2e-"), below: below)
        try await repository.fill(definition: definition)
        return repository
    }

    private init(directory: consuming TemporaryDirectory, below: String) {
        self.directory = directory
        self.below = below
    }

    private func fill(definition: String) async throws {
        for name in ["service", "config", "weights"] {
            try FileSystem.makeDirectory(service.appending(name))
        }
        try write("service/app.py", try FileSystem.read(Self.source.appending("Service/app.py")))
        try write("config/model.json", #"{"threshold": 10}"#)
        try write("weights/weights.json", #"{"bias": 1.5, "slope": 0.25}"#)
        try write("assay.yaml", definition)
        try write("gate.yaml", Self.policy)
        try write(".gitignore", "weights/\n")
        let path = path
        try await Program.git("init", "-q", "-b", "main", in: path)
        try await Program.git("config", "user.name", "Ada", in: path)
        try await Program.git("config", "user.email", "ada@example.com", in: path)
        try await expect(0, "init")
        try await expect(0, "track", "weights/weights.json")
        try await commit("version 1")
        try FileSystem.replace(outside.appending("core.gor"), with: Self.traffic(count: 60))
        try await expect(
            0, "capture", "import", outside.appending("core.gor").string, "--name", "core")
    }

    /// Runs `assay` here.
    func assay(_ arguments: String..., variables: [String: String] = [:]) async throws
        -> Program.Outcome
    {
        try await Program.run(.path(Program.assay), arguments, in: service, variables: variables)
    }

    /// Runs `assay` here and holds its exit code against the one that is meant.
    @discardableResult
    func expect(
        _ status: Int32, _ arguments: String..., location: Testing.SourceLocation = #_sourceLocation
    ) async throws -> Program.Outcome {
        let outcome = try await Program.run(.path(Program.assay), arguments, in: service)
        #expect(
            outcome.status == status, "assay \(arguments): \(outcome.output)\(outcome.errors)",
            sourceLocation: location)
        return outcome
    }

    /// Writes a file of the service.
    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    /// Writes a file of the service.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        try FileSystem.replace(service.appending(name), with: bytes)
    }

    /// Commits everything.
    func commit(_ message: String) async throws {
        try await Program.git("add", ".", in: path)
        try await Program.git("commit", "-qm", message, in: path)
    }

    /// Gates the last commit to prod and promotes it.
    func promoteToProd() async throws {
        try await expect(0, "gate", "--to", "prod", "--isolation", "process")
        try await expect(0, "promote", "--to", "prod")
    }

    /// Makes a bare repository beside this one, the remote `origin`; installs the hook here.
    func addRemote() async throws -> FilePath {
        let remote = outside.appending("remote.git")
        try await Program.git("init", "-q", "--bare", "-b", "main", remote.string, in: outside)
        try await Program.git("remote", "add", "origin", remote.string, in: path)
        try await expect(0, "init", "--hooks")
        return remote
    }

    static let definition = """
        schema: assay/service/v1
        name: scoring
        code: {include: ["service/**"]}
        features: [config/model.json]
        weights: [{name: weights, path: weights/weights.json}]
        environment: {kind: host, python: "3.11", variables: {PYTHONHASHSEED: "0"}}
        serve:
          command: ["{python}", "service/app.py", "--port", "{port}"]
          ready: {http: /healthz, timeout: 60s}
        capture:
          session: {header: x-user}
          key: {pointer: /id}
          routes: [{route: "POST /score"}]

        """

    static let policy = """
        schema: assay/gate/v1
        compare: {/score: {abs: 1e-9}, /decision: exact}
        baseline: {resolve: stage/prod, if_missing: first_run}
        captures:
          core: {ref: core}
        checks:
          - {id: same, kind: response, on: core, limit: {max: 0 requests}}
          - {id: errors, kind: errors, on: core, limit: {max_increase: 40pp}}
        stages:
          - {name: dev, from: any, checks: all}
          - {name: prod, from: dev, checks: all}

        """

    /// The GoReplay records of one user's request, with header lines of its own, and its answer.
    static func records(
        _ number: Int, body: String, answer: String, headers: [String] = []
    ) -> String {
        let hex = String(number, radix: 16)
        let id = String(repeating: "0", count: 24 - hex.count) + hex
        let start = 1_700_000_000_000_000_000 + number * 1_000_000
        let own = headers.map { $0 + "\r\n" }.joined()
        return "1 \(id) \(start) 0\n"
            + "POST /score HTTP/1.1\r\nHost: scoring\r\nx-user: u\(number)\r\n\(own)"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            + body + "\n🐵🙈🙉\n2 \(id) \(start + 500_000) 400000\n"
            + "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(answer.utf8.count)\r\n\r\n" + answer + "\n🐵🙈🙉\n"
    }

    /// GoReplay records of what the service answers: 60 users, one request each.
    static func traffic(count: Int) -> [UInt8] {
        var text = ""
        for number in 0..<count {
            let amount = Double(number)
            let score = 1.5 + 0.25 * amount
            let decision = score >= 10 ? "high" : "low"
            let body = "{\"id\": \"r\(number)\", \"amount\": \(amount)}"
            let answer =
                "{\"id\": \"r\(number)\", \"score\": \(score), \"decision\": \"\(decision)\"}"
            text += records(number, body: body, answer: answer)
        }
        return Array(text.utf8)
    }
}
