import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

/// Kills the built recorder under load, and looks at what is left.
@Suite("A recorder that is killed")
struct RecorderDeathTests {
    static let programs = FilePath(#filePath).removingLastComponent().appending("Programs")

    private static func exchanges(_ service: borrowing ServiceRepository, _ name: String)
        async throws -> Int
    {
        let shown = try await service.expect(0, "capture", "show", name, "--json")
        return try JSONReader(
            try JSONParser.parse(Array(shown.output.utf8), file: "capture"), document: "capture")[
                "summary"]["exchanges"].integer()
    }

    @Test("every whole frame is kept, what is missing is said, and the recording can go on")
    func killed() async throws {
        let service = try await ServiceRepository.make()
        let path = service.path
        let upstream = try RunningProgram(
            "/usr/bin/env", ["python3", Self.programs.appending("upstream.py").string], in: path)
        defer { upstream.stop() }
        let port = try #require(Int(upstream.nextLine() ?? ""))
        let command = [
            "capture", "record", "--name", "live", "--listen", "127.0.0.1:0", "--upstream",
            "http://127.0.0.1:\(port)", "--plain",
        ]
        let recorder = try RunningProgram(Program.assay.string, command, in: path)
        let front = try RecordingTests.port(
            recorder.line(containing: "recording 127"), in: recorder)
        let load = try RunningProgram(
            "/usr/bin/env",
            ["python3", Self.programs.appending("load.py").string, "\(front)", "10"], in: path)
        defer { load.stop() }
        #expect(load.nextLine() == "loaded")
        recorder.stop()
        let counts = try #require(load.nextLine(), "\(load.said)").split(separator: " ")
        let answered = try #require(Int(counts[0]))
        let old = try #require(Int(counts[1]))
        #expect(old > 0)

        // The journal as it was left is a file that can be imported.
        let journal = path.appending(".assay/recording/live.journal").string
        let salvaged = try await service.expect(
            0, "capture", "import", journal, "--name", "salvaged", "--salvage")
        let kept = try await Self.exchanges(service, "salvaged")
        // Nothing is there that did not happen: four may have been answered by the service only.
        #expect(kept >= old && kept <= answered + 4, "\(salvaged.output)")
        try await service.expect(0, "capture", "verify", "salvaged")

        // The same command goes on with it, and says so.
        let second = try RunningProgram(Program.assay.string, command, in: path)
        defer { second.stop() }
        #expect(second.line(containing: "going on behind") != nil, "\(second.said)")
        #expect(second.line(containing: "recording 127") != nil)
        #expect(second.interrupt() == 0, "\(second.said)")
        #expect(second.said.contains("note 1 × the recorder was killed"), "\(second.said)")
        #expect(try await Self.exchanges(service, "live") == kept)
        #expect(try FileSystem.names(in: path.appending(".assay/recording")) == ["live.lock"])
    }
}
