import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("Recording")
struct RecordingTests {
    static let definition = ServiceRepository.definition.replacing(
        "  ready: {http: /healthz, timeout: 60s}\n",
        with: """
              ready: {http: /healthz, timeout: 60s}
              egress: [{name: rates, variable: RATES_URL}]

            """)

    static let programs = FilePath(#filePath).removingLastComponent().appending("Service")

    /// A port that nothing listens on at the moment.
    static func freePort(in directory: FilePath) async throws -> Int {
        let script =
            "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
        let told = try await Program.run(.name("python3"), ["-c", script], in: directory)
        return try #require(Int(told.output.dropLast()))
    }

    /// The port at the end of an address that a line tells.
    static func port(_ line: String?, in program: borrowing RunningProgram) throws -> Int {
        let line = try #require(line, "\(program.said)")
        let digits = line.split(separator: ";")[0].split(separator: " ").compactMap {
            $0.hasPrefix("127.0.0.1:") ? $0.split(separator: ":").last : nil
        }
        return try #require(digits.first.flatMap { Int($0) }, "\(line)")
    }

    @Test(
        "traffic recorded with its calls is replayed in the sandbox while the dependency is gone")
    func egress() async throws {
        let service = try await ServiceRepository.make(definition: Self.definition)
        let path = service.path
        let servicePort = try await Self.freePort(in: path)
        let rates = try RunningProgram(
            "/usr/bin/env", ["python3", Self.programs.appending("rates.py").string], in: path)
        defer { rates.stop() }
        let ratesPort = try #require(Int(rates.nextLine() ?? ""))

        let recorder = try RunningProgram(
            Program.assay.string,
            [
                "capture", "record", "--name", "live", "--listen", "127.0.0.1:0", "--upstream",
                "http://127.0.0.1:\(servicePort)", "--egress",
                "rates=http://127.0.0.1:\(ratesPort)",
                "--bundle", "HEAD", "--plain",
            ], in: path)
        defer { recorder.stop() }
        let clientPort = try Self.port(recorder.line(containing: "recording 127"), in: recorder)
        let egressPort = try Self.port(
            recorder.line(containing: "recording calls to rates"), in: recorder)

        let production = try RunningProgram(
            "/usr/bin/env", ["python3", "service/app.py", "--port", "\(servicePort)"], in: path,
            variables: ["RATES_URL": "http://127.0.0.1:\(egressPort)"])
        defer { production.stop() }
        #expect(production.line(containing: "\(servicePort)") != nil)

        let client = try await Program.run(
            .name("python3"),
            [Self.programs.appending("client.py").string, "\(clientPort)", "30"], in: path)
        #expect(client.status == 0, "\(client.errors)")
        let scores = client.output.split(separator: "\n").map { String($0) }
        #expect(scores.count == 30)
        // 1.5 + 0.25 * 4 * 1.25: the recorder gives the dependency's answers as they are.
        #expect(scores[4] == "2.75")

        #expect(recorder.interrupt() == 0, "\(recorder.said)")
        #expect(
            recorder.said.contains("egress calls that belong to no exchange 0, lost 0"),
            "\(recorder.said)")
        production.stop()
        rates.stop()

        let shown = try await service.expect(0, "capture", "show", "live", "--json")
        let summary = JSONReader(
            try JSONParser.parse(Array(shown.output.utf8), file: "capture"), document: "capture")[
                "summary"]
        #expect(try summary["exchanges"].integer() == 30)
        #expect(try summary["egressCalls"].integer() == 30)
        #expect(try summary["egress"]["rates"].integer() == 30)

        let replayed = try await service.expect(
            0, "replay", "--capture", "live", "--exact", "--confirm", "2", "--json")
        let evidence = JSONReader(
            try JSONParser.parse(Array(replayed.output.utf8), file: "evidence"),
            document: "evidence")
        #expect(try evidence["isolation"].string() == "sandbox")
        #expect(try evidence["ledger"]["compared"].integer() == 30)
        #expect(try evidence["ledger"]["unmatched"].integer() == 0)

        // A candidate that asks for another currency is not answered by a recording of this one, and
        // this service then has no answer either.
        let source = String(
            decoding: try FileSystem.read(path.appending("service/app.py")), as: UTF8.self)
        try service.write(
            "service/app.py", source.replacing("request.get('currency', 'EUR')", with: "'CHF'"))
        try await service.commit("another currency")
        let other = try await service.assay(
            "replay", "--capture", "live", "--exact", "--confirm", "2", "--json")
        let difference = JSONReader(
            try JSONParser.parse(Array(other.output.utf8), file: "evidence"), document: "evidence")
        #expect(other.status == 1)
        #expect(try difference["ledger"]["compared"].integer() == 0)
        #expect(try difference["ledger"]["errored"].integer() == 30)
        try await supplied(service, miss: try difference["misses"].strings())
    }

    /// Copies the line that a miss told into a file with an answer, and replays and gates with it.
    private func supplied(
        _ service: borrowing ServiceRepository, miss lines: [String]
    ) async throws {
        #expect(
            lines == [
                #"{"name":"rates","request":{"target":"/rate?currency=CHF"},"response":{"json":{},"status":200}}"#
            ])
        let line = try #require(lines.first)
        let never = line.replacing("CHF", with: "XAU")
        let text = "\(line.replacing("{}", with: #"{"rate": 2.0}"#))\n\(never)\n"
        try service.write("answers.jsonl", text)
        let words = [
            "replay", "--capture", "live", "--exact", "--confirm", "2", "--egress-answers",
            "answers.jsonl",
        ]
        let outcome = try await Program.run(
            .path(Program.assay), words + ["--json"], in: service.service)
        #expect(outcome.status == 1, "\(outcome.errors)")
        let evidence = JSONReader(
            try JSONParser.parse(Array(outcome.output.utf8), file: "evidence"),
            document: "evidence")
        #expect(try evidence["ledger"]["compared"].integer() == 30)
        #expect(try evidence["supplied"]["answered"]["candidate"].integer() == 30)
        #expect(
            try evidence["supplied"]["digest"].digest() == Digest(of: text.utf8))
        #expect(
            try evidence["notes"].strings().contains("line 2 of answers.jsonl was never asked for"))
        let paths = try evidence["groups"].elements().map { try $0["path"].string() }
        #expect(paths.contains("egress:rates") && paths.contains("/score"))
        // The same file finds the evidence again, another does not.
        let again = try await Program.run(.path(Program.assay), words, in: service.service)
        #expect(again.errors.contains("this replay is known already"), "\(again.errors)")
        #expect(again.output.contains("30 calls of candidate were answered from answers.jsonl"))
        try service.write("answers.jsonl", text.replacing("2.0", with: "2.5"))
        let other = try await Program.run(.path(Program.assay), words, in: service.service)
        #expect(other.status == 1 && !other.errors.contains("known already"), "\(other.errors)")
        try service.write("answers.jsonl", "{}\n")
        let bad = try await Program.run(.path(Program.assay), words, in: service.service)
        #expect(bad.status == 2 && bad.errors.contains("answers.jsonl:1:1"), "\(bad.errors)")
        // The verdict says it too, and so does what it is signed over.
        try service.write("answers.jsonl", text)
        try service.write(
            "gate.yaml", ServiceRepository.policy.replacing("ref: core", with: "ref: live"))
        try await service.commit("gate the recording")
        let gated = try await service.assay(
            "gate", "--to", "prod", "--egress-answers", "answers.jsonl", "--json")
        let verdict = JSONReader(
            try JSONParser.parse(Array(gated.output.utf8), file: "verdict"), document: "verdict")
        let judgement = verdict["predicate"]["judgement"]
        let use = try #require(try judgement["evidence"].elements().first)
        #expect(try use["supplied"].digest() == Digest(of: text.utf8))
        #expect(
            try judgement["notes"].strings().contains {
                $0.contains("30 calls of candidate were answered from answers.jsonl")
            })
    }
}
