import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("The sandbox of a replay")
struct EgressIsolationTests {
    /// Tries to reach a port of this machine and asks the stub for what nobody recorded.
    private static func hostile(_ port: Int) -> String {
        """
                import socket
                for host in ("127.0.0.1", "localhost", "0.0.0.0"):
                    try:
                        socket.create_connection((host, \(port)), 1).close()
                    except OSError:
                        pass
                for url in (f"{os.environ['RATES_URL']}/rate?currency=XAU", "http://127.0.0.1:\(port)/"):
                    try:
                        urllib.request.urlopen(url, timeout=1).read()
                    except Exception:
                        pass

        """
    }

    @Test(
        "a candidate that calls a listener on this machine, by itself and through its stub, reaches it without the sandbox only"
    )
    func outward() async throws {
        let repository = try await ServiceRepository.make(definition: RecordingTests.definition)
        let listener = try RunningProgram(
            "/usr/bin/env",
            ["python3", RecordingTests.programs.appending("listener.py").string],
            in: repository.path)
        defer { listener.stop() }
        let port = try #require(Int(listener.nextLine() ?? ""))
        let source = String(
            decoding: try FileSystem.read(repository.path.appending("service/app.py")),
            as: UTF8.self)
        let place = "        request = json.loads(body)\n"
        try repository.write(
            "service/app.py",
            source.replacing(place, with: place + Self.hostile(port)).replacing(
                "if os.environ.get(\"RATES_URL\"):", with: "if False:"))
        try await repository.commit("wants out")
        let words = [
            "replay", "--capture", "core", "--sample", "4", "--exact", "--json", "--concurrency",
            "1",
        ]
        func ledger(_ isolation: String) async throws -> JSONReader {
            let outcome = try await Program.run(
                .path(Program.assay), words + ["--isolation", isolation], in: repository.service,
                variables: ["RATES_URL": "http://127.0.0.1:\(port)"])
            return JSONReader(
                try JSONParser.parse(Array(outcome.output.utf8), file: "evidence"),
                document: "evidence")["ledger"]
        }
        let inside = try await ledger("sandbox")
        #expect(try inside["replayed"].integer() == 4)
        #expect(try inside["unmatched"].integer() == 4)
        // Ours is the first that it hears.
        let script = "import socket; socket.create_connection(('127.0.0.1', \(port)))"
        let own = try await Program.run(.name("python3"), ["-c", script], in: repository.path)
        #expect(own.status == 0 && listener.nextLine() == "heard 1")
        let outside = try await ledger("process")
        #expect(try outside["replayed"].integer() == 4)
        #expect(listener.nextLine() == "heard 2")
    }
}
