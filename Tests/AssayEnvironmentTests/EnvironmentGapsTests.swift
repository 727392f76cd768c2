import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayEnvironment

@Suite("gaps between environments")
struct EnvironmentGapsTests {
    private func gaps(
        _ wanted: [String: String], _ found: [String: String], rules: EnvironmentRules = .none
    ) -> [EnvironmentGaps.Finding] {
        EnvironmentGaps(wanted: wanted, found: found, rules: rules).findings
    }

    @Test(
        "on real environments: a patch version, an edited file, threads, a time zone, a lost variable",
        .enabled("tests may use the network") { try Locks.online })
    func real() throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let variables = ["TZ": "UTC", "OMP_NUM_THREADS": "1", "MODEL": "a b"]
        func prepare(_ lock: String) throws -> PreparedEnvironment {
            var spec = Locks.spec(lock)
            spec.variables = variables
            return try VirtualEnvironment.prepare(spec, cache: directory.path)
        }
        let old = try prepare(Locks.six16)
        let new = try prepare(Locks.six17)
        func probe(
            _ environment: PreparedEnvironment, _ change: [String: String?] = [:]
        ) throws -> [String: String] {
            var given = variables
            for (name, value) in change { given[name] = value }
            var facts = try EnvironmentProbe.facts(
                python: try #require(environment.python), variables: given, files: true)
            // What a service declares is asked for, whether it is there or not.
            for name in variables.keys where given[name] == nil {
                facts["variable.\(name)"] = "unset"
            }
            return facts
        }
        let base = try probe(old)
        #expect(gaps(base, try probe(old)).isEmpty)

        let version = gaps(base, try probe(new))
        #expect(version.map(\.key) == ["package.six"])
        #expect(version.first?.command == "pip install 'six==1.16.0'")

        let threads = gaps(base, try probe(old, ["OMP_NUM_THREADS": "4"]))
        #expect(threads.map(\.key) == ["threads.OMP_NUM_THREADS", "variable.OMP_NUM_THREADS"])
        #expect(threads.first?.command == "export OMP_NUM_THREADS=1")
        #expect(threads.first?.risk == .numeric)

        let zone = gaps(base, try probe(old, ["TZ": "Asia/Kolkata"])).map(\.key)
        #expect(zone.contains("variable.TZ") && zone.contains("time.offset-seconds"))

        let lost = gaps(base, try probe(old, ["MODEL": nil]))
        #expect(lost.map(\.key) == ["variable.MODEL"])
        #expect(lost.first?.found == "unset")
        #expect(lost.first?.command == "export MODEL='a b'")

        let module = try #require(old.root).appending("lib/python3.11/site-packages/six.py")
        let source = try FileSystem.read(module)
        try FileSystem.replace(module, with: source + Array("# edited\n".utf8))
        let edited = EnvironmentGaps(
            locked: ["six": "1.16.0"], wanted: base, found: try probe(old)
        ).findings
        #expect(edited.map(\.key) == ["package-edited.six"])
        #expect(edited.first?.found == "six.py")
        #expect(edited.first?.kind == .lockedInstalled)
        #expect(
            edited.first?.command == "pip install --force-reinstall --no-deps 'six==1.16.0'")
    }

    @Test("declared, locked and installed are three, and each gap is its own finding")
    func kinds() throws {
        let declared = try EnvironmentGaps.declared(
            Array("NumPy>=1.20 # fast\nsix==1.16.0\nlost ; python_version > '3'\n-r other\n".utf8),
            file: "requirements.in")
        #expect(declared.keys.sorted() == ["lost", "numpy", "six"])
        let found = EnvironmentGaps(
            declared: declared, locked: ["numpy": "1.26.4", "six": "1.17.0", "idna": "3.7"],
            wanted: ["package.numpy": "1.26.0", "libc.version": "2.36"],
            found: [
                "package.numpy": "1.26.3", "package.six": "1.17.0", "package.extra": "1",
                "package.pip": "23", "libc.version": "2.35",
            ]
        ).findings.map { "\($0.kind.rawValue) \($0.key) \($0.wanted ?? "-") \($0.found ?? "-")" }
        #expect(
            found == [
                "locked ≠ installed package.numpy 1.26.4 1.26.3",
                "here ≠ there libc.version 2.36 2.35",
                "declared ≠ locked package.lost any version -",
                "declared ≠ locked package.six 1.16.0 1.17.0",
                "here ≠ there package.pip - 23",
                "locked ≠ installed package.extra - 1",
                "locked ≠ installed package.idna 3.7 -",
            ])
    }

    @Test("the last rule that matches a key decides, and what no rule names must be equal")
    func rules() throws {
        let rules = try EnvironmentRules.parse(
            Array(
                """
                schema: assay/env-rules/v1
                rules:
                  - {key: "package.*", allow: minor}
                  - {key: package.numpy, allow: patch}
                  - {key: package.boto3, allow: ignore}
                  - {key: "machine.*", allow: presence}
                  - {key: interpreter.version, allow: major}
                """.utf8), file: "rules.yaml")
        let cases: [(key: String, old: String?, new: String?, allowed: Bool)] = [
            ("package.six", "1.16.0", "1.17", true), ("package.six", "1.16.0", "2.0", false),
            ("package.numpy", "1.26.4", "1.26.9", true), ("package.numpy", "1.26.4", "1.27", false),
            ("package.boto3", "1", nil, true), ("package.six", "1.0", nil, false),
            ("machine.cpu", "a", "b", true), ("machine.cpu", "a", nil, false),
            ("interpreter.version", "3.11.7", "4.0", true), ("package.x", "abc", "abd", false),
            ("unheard-of.key", "1", "2", false), ("unheard-of.key", nil, "2", false),
        ]
        for entry in cases {
            #expect(
                rules.allows(entry.key, entry.old, entry.new) == entry.allowed, "\(entry)")
        }
        for text in [
            "schema: assay/env-rules/v2\nrules: []\n",
            "schema: assay/env-rules/v1\nrules: [{key: a, allow: most}]\n",
            "schema: assay/env-rules/v1\nrules: [{key: a, allows: exact}]\n",
        ] {
            let error = #expect(throws: AssayError.self) {
                try EnvironmentRules.parse(Array(text.utf8), file: "rules.yaml")
            }
            #expect(error?.location?.file == "rules.yaml")
        }
    }

    @Test("a service that runs is probed from outside, by its own variables and libraries")
    func process() throws {
        let python = try PythonInterpreter.named(on: try ToolEnvironment.current())
        let probe = ChildProcess(
            command: [
                "/bin/sh", "-c",
                "TZ=Asia/Tokyo MODEL=x sleep 60 & trap 'kill $!' EXIT; until grep -qx sleep /proc/$!/comm; do :; done; \"$0\" -c \"$1\" --pid $! --variable MODEL --secret NONE --loaded --image sha256:9",
                python.string, EnvironmentProbe.script,
            ], environment: ["PATH": "/usr/bin:/bin"], timeout: .seconds(60))
        let done = try probe.run()
        let facts = try EnvironmentProbe.parse(done.output, file: "probe")
        #expect(facts["variable.MODEL"] == "x")
        #expect(facts["time.variable"] == "Asia/Tokyo")
        #expect(facts["secret.NONE"] == "unset")
        #expect(facts["loaded.numeric-libraries"] == "none")
        #expect(facts["image.digest"] == "sha256:9")
    }
}
