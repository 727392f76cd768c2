import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

/// `assay env` on real virtual environments, the probe's file standing for production.
@Suite("Environment parity")
struct EnvironmentParityTests {
    /// Variables of a shell that starts a service.
    private static let shell = [
        "TZ": "UTC", "OMP_NUM_THREADS": "1", "MODEL": "a b", "TOKEN": "hush-hush",
        "LANG": "C.UTF-8", "LC_ALL": "",
    ]

    private func python(_ version: String, in directory: FilePath) async throws -> FilePath {
        let root = directory.appending("six-\(version)")
        let made = try await Program.run(
            .name("bash"),
            [
                "-ec",
                "python3.11 -m venv '\(root)'; '\(root)/bin/pip' install -q "
                    + "--disable-pip-version-check six==\(version)",
            ], in: directory)
        try #require(made.status == 0, "\(made.errors)")
        return root
    }

    @Test(
        "a patch version, an edited file, threads, a time zone, a lost variable: each is named; equal ones are not",
        .enabled("tests may use the network") {
            try await Program.run(.name("printenv"), ["ASSAY_OFFLINE"], in: "/tmp").status != 0
        })
    func differences() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-e2e-")
        let path = directory.path
        let (old, new) = (
            try await python("1.16.0", in: path), try await python("1.17.0", in: path)
        )
        let search = try await Program.run(.name("printenv"), ["PATH"], in: path).output.dropLast()
        func variables(_ root: FilePath, _ changes: [String: String] = [:]) -> [String: String] {
            Self.shell.merging(["PATH": "\(root.appending("bin")):\(search)"]) { $1 }
                .merging(changes) { $1 }
        }
        let script = try await Program.assay("env", "show", "--script", in: path)
        try FileSystem.replace(path.appending("probe.py"), with: Array(script.output.utf8))
        let probe = try await Program.run(
            .path(old.appending("bin/python")),
            [
                path.appending("probe.py").string, "--variable", "MODEL", "--variable", "TZ",
                "--secret", "TOKEN", "--files",
            ], in: path, variables: variables(old))
        try FileSystem.replace(
            path.appending("production.json"), with: Array(probe.output.utf8))
        #expect(!probe.output.contains("hush"))

        func keys(_ given: [String: String], without: String? = nil) async throws -> [String] {
            var words = ["env", "diff", "production.json", "here", "--json"]
            var program = Executable.path(Program.assay)
            if let without {
                words = ["-u", without, Program.assay.string] + words
                program = .name("env")
            }
            let told = try await Program.run(program, words, in: path, variables: given)
            let findings = JSONReader(
                try JSONParser.parse(Array(told.output.utf8), file: "diff"), document: "diff")
            let keys = try findings.elements().map { element in try element["key"].string() }
            #expect(told.status == (keys.isEmpty ? 0 : 1), "\(told.errors)")
            return keys
        }
        #expect(try await keys(variables(old)) == [])
        let silent = try await Program.assay(
            "env", "diff", "production.json", "here", in: path, variables: variables(old))
        #expect(silent.status == 0 && silent.output.isEmpty, "\(silent.output)\(silent.errors)")

        #expect(try await keys(variables(new)) == ["package.six"])
        #expect(
            try await keys(variables(old, ["OMP_NUM_THREADS": "4"])) == ["threads.OMP_NUM_THREADS"])
        let zone = try await keys(variables(old, ["TZ": "Asia/Kolkata"]))
        #expect(zone.sorted() == ["time.offset-seconds", "time.zone", "variable.TZ"])
        #expect(try await keys(variables(old), without: "MODEL") == ["variable.MODEL"])
        #expect(try await keys(variables(old), without: "TOKEN") == ["secret.TOKEN"])

        let module = old.appending("lib/python3.11/site-packages/six.py")
        try FileSystem.replace(module, with: try FileSystem.read(module) + Array("# x\n".utf8))
        #expect(try await keys(variables(old)) == ["package-edited.six"])
        let shown = try await Program.assay(
            "env", "diff", "production.json", "here", in: path, variables: variables(old))
        #expect(shown.output.contains("pip install --force-reinstall --no-deps 'six==1.16.0'"))
    }
}
