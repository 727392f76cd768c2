import AssayCore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@testable import AssayEnvironment

enum Locks {
    static let six16 = """
        six==1.16.0 \\
            --hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254

        """
    static let six17 = """
        six==1.17.0 \\
            --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274

        """
    static let idna = """
        idna==3.7 ; python_version >= "3" \\
            --hash=sha256:82fee1fc78add43492d3a1898bfa6d8a904cc97d8427f683ed8e798d07761aa0
        colorama==0.4.6 ; sys_platform == "win32" \\
            --hash=sha256:4f1d9991f5acc0ca119f9d443620b77f9d6b33703e51011c16baf57afb285fc6

        """

    static func spec(_ lock: String, secrets: [String] = []) -> EnvironmentSpec {
        EnvironmentSpec(
            kind: .venv, python: PythonVersion("3.11"), lock: Array(lock.utf8),
            variables: ["TZ": "UTC"], secrets: secrets)
    }

    /// Whether tests may use the package index.
    static var online: Bool {
        get throws { try ToolEnvironment.current()["ASSAY_OFFLINE"] == nil }
    }
}

@Suite("virtual environments")
struct VirtualEnvironmentTests {
    private func withCache(_ body: (FilePath) throws -> Void) throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        try body(directory.path)
        _ = directory
    }

    @Test(
        "two locks that differ in one version make two environments, each with its own",
        .enabled("tests may use the network") { try Locks.online })
    func twoVersions() throws {
        try withCache { cache in
            let old = try VirtualEnvironment.prepare(Locks.spec(Locks.six16), cache: cache)
            let new = try VirtualEnvironment.prepare(Locks.spec(Locks.six17), cache: cache)
            #expect(old.facts["package.six"] == "1.16.0")
            #expect(new.facts["package.six"] == "1.17.0")
            #expect(old.root != new.root)
            #expect(old.digest != new.digest)
            #expect(old.facts["variable.TZ"] == "UTC")
            #expect(old.facts["package-record.six"]?.utf8.count == 64)
            #expect(old.facts["interpreter.version"]?.hasPrefix("3.11.") == true)
            let comparison = EnvironmentComparison(old.facts, new.facts)
            #expect(comparison.differences.map(\.key) == ["package.six"])

            // The second time neither pip nor an index is needed.
            var lines: [String] = []
            let again = try VirtualEnvironment.prepare(
                Locks.spec(Locks.six16), cache: cache,
                inherited: offline()
            ) { lines.append($0) }
            #expect(!again.wasBuilt && lines.isEmpty)
            #expect(again.python == old.python)
            #expect(again.facts == old.facts)

            // The same package has the same record beside another; markers are followed.
            let both = try VirtualEnvironment.prepare(
                Locks.spec(Locks.six16 + Locks.idna), cache: cache)
            #expect(both.facts["package-record.six"] == old.facts["package-record.six"])
            #expect(both.facts["package.idna"] == "3.7")
            #expect(both.facts["package.colorama"] == nil)
        }
    }

    private func offline() throws -> [String: String] {
        var variables = try ToolEnvironment.current()
        variables["PIP_NO_INDEX"] = "1"
        variables["PIP_FIND_LINKS"] = "/nonexistent"
        return variables
    }

    @Test(
        "what was changed after the build is an environment error that names it",
        .enabled("tests may use the network") { try Locks.online })
    func changed() throws {
        try withCache { cache in
            let made = try VirtualEnvironment.prepare(Locks.spec(Locks.six16), cache: cache)
            let site = try #require(made.root).appending("lib/python3.11/site-packages")
            try FileSystem.rename(
                site.appending("six-1.16.0.dist-info"), to: site.appending("nine-1.0.dist-info"))
            try FileSystem.replace(
                site.appending("nine-1.0.dist-info/METADATA"),
                with: Array("Metadata-Version: 2.1\nName: nine\nVersion: 1.0\n".utf8))
            let error = #expect(throws: AssayError.self) {
                try VirtualEnvironment.prepare(Locks.spec(Locks.six16), cache: cache)
            }
            #expect(error?.code == .environment)
            #expect(error?.message.contains("six 1.16.0 is not installed") == true)
            #expect(error?.message.contains("nine 1.0 is installed but not locked") == true)
        }
    }

    @Test("files of an environment that were changed are told, and what use leaves behind is not")
    func changedFiles() throws {
        try withCache { cache in
            func prepare() throws -> PreparedEnvironment {
                try VirtualEnvironment.prepare(
                    Locks.spec("# nothing\n"), cache: cache, inherited: offline())
            }
            func fault() throws -> String? {
                do throws(AssayError) {
                    try VirtualEnvironment.checkFiles(in: root)
                    return nil
                } catch {
                    #expect(error.code == .environment && error.hint?.contains("rm -r") == true)
                    return error.message
                }
            }
            let root = try #require(try prepare().root)
            let site = root.appending("lib/python3.11/site-packages")
            // Bytecode, data, modules of new names, and the same bytes at another time.
            try FileSystem.makeDirectory(site.appending("pip/__pycache__"))
            for path in ["pip/__pycache__/x.cpython-311.pyc", "pip/cache.json", "pip/new.py"] {
                try OpenFile.creating(site.appending(path)).write([0x21])
            }
            let file = site.appending("pip/__init__.py")
            let whole = try FileSystem.read(file)
            try FileSystem.replace(file, with: whole)
            #expect(try fault() == nil)
            #expect(try !prepare().wasBuilt)

            let pip = "lib/python3.11/site-packages/pip"
            try FileSystem.replace(file, with: whole.map { $0 == 0x22 ? 0x27 : $0 })
            #expect(try fault()?.hasSuffix("installed: \(pip)/__init__.py is another") == true)
            let error = #expect(throws: AssayError.self) { try prepare() }
            #expect(error?.message.contains("are not those that were installed") == true)
            try FileSystem.remove(file)
            #expect(try fault()?.hasSuffix("\(pip)/__init__.py is gone") == true)
            try FileSystem.replace(file, with: whole)
            #expect(try fault() == nil)
            try OpenFile.creating(site.appending("pip/__main__.so")).write([])
            try OpenFile.creating(site.appending("odd.pth")).write([])
            #expect(
                try fault()?.hasSuffix(
                    "odd.pth was added, which Python reads at each start, and 1 more") == true)
            try FileSystem.remove(site.appending("odd.pth"))
            #expect(
                try fault()?.hasSuffix("which Python loads in place of \(pip)/__main__.py") == true)
            try FileSystem.remove(site.appending("pip/__main__.so"))
            try FileSystem.remove(root.appending("bin/python3"))
            _ = symlink("/usr/bin/true", root.appending("bin/python3").string)
            #expect(try fault()?.hasSuffix("bin/python3 is another") == true)
        }
    }

    @Test("an environment that was never finished is built again")
    func unfinished() throws {
        try withCache { cache in
            let made = try VirtualEnvironment.prepare(
                Locks.spec("# nothing\n"), cache: cache, inherited: offline())
            #expect(made.wasBuilt && made.kind == .venv)
            let root = try #require(made.root)
            try FileSystem.remove(root.appending("assay-environment.json"))
            try FileSystem.removeTree(root.appending("lib"))
            let again = try VirtualEnvironment.prepare(
                Locks.spec("# nothing\n"), cache: cache, inherited: offline())
            #expect(again.wasBuilt && again.facts == made.facts)
            // A record that is not whole counts as none.
            try FileSystem.replace(
                root.appending("assay-environment.json"), with: Array("{\"sch".utf8))
            let third = try VirtualEnvironment.prepare(
                Locks.spec("# nothing\n"), cache: cache, inherited: offline())
            #expect(third.wasBuilt)
        }
    }

    @Test(
        "of several that ask at once one builds",
        .enabled("tests may use the network") { try Locks.online })
    func concurrent() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let cache = directory.path
        let built = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try VirtualEnvironment.prepare(Locks.spec(Locks.six17), cache: cache).wasBuilt
                }
            }
            var built: [Bool] = []
            for try await one in group { built.append(one) }
            return built
        }
        #expect(built.filter { $0 }.count == 1)
        _ = directory
    }

    @Test("a file that has another hash than the lock's is not installed, and nothing is left")
    func wrongHash() throws {
        try withCache { cache in
            let lock = "six==1.16.0 --hash=sha256:" + String(repeating: "0", count: 64)
            let error = #expect(throws: AssayError.self) {
                try VirtualEnvironment.prepare(Locks.spec(lock), cache: cache)
            }
            #expect(error?.code == .environment)
            #expect(error?.hint != nil)
            let left = try FileSystem.names(in: cache)
            #expect(left.allSatisfy { $0.hasSuffix(".lock") || $0 == "wheels" })
        }
    }

    @Test("without index the error says what to do")
    func noIndex() throws {
        try withCache { cache in
            let error = #expect(throws: AssayError.self) {
                try VirtualEnvironment.prepare(
                    Locks.spec(Locks.six16), cache: cache, inherited: offline())
            }
            #expect(error?.code == .environment)
            #expect(error?.message.contains("pip ended with status 1") == true)
        }
    }

    @Test("an interpreter that is not there is asked for by its package's name")
    func noInterpreter() throws {
        try withCache { cache in
            var spec = Locks.spec(Locks.six16)
            spec.python = PythonVersion("3.97")
            let error = #expect(throws: AssayError.self) {
                try VirtualEnvironment.prepare(spec, cache: cache)
            }
            #expect(error?.code == .missingTool)
            #expect(error?.hint?.contains("python3.97-venv") == true)
        }
    }

    @Test("a program that calls itself python3.11 and is not is passed over")
    func impostor() throws {
        try withCache { cache in
            let bin = cache.appending("bin")
            try FileSystem.makeDirectory(bin)
            try FileSystem.replace(
                bin.appending("python3.11"), with: Array("#!/bin/sh\necho 3.11\n".utf8), mode: 0o755
            )
            let version = try #require(PythonVersion("3.11"))
            let found = try PythonInterpreter.find(
                version,
                variables: ["PATH": "\(bin):\(try ToolEnvironment.current()["PATH"] ?? "")"])
            #expect(found.version.hasPrefix("3.11."))
            let error = #expect(throws: AssayError.self) {
                try PythonInterpreter.find(version, variables: ["PATH": bin.string])
            }
            #expect(error?.code == .missingTool)
        }
    }

    @Test("the host's environment is described and marked as not controlled")
    func host() throws {
        let spec = EnvironmentSpec(
            kind: .host, python: nil, lock: nil, variables: ["A": "1"], secrets: ["S", "T"])
        var variables = try ToolEnvironment.current()
        variables["S"] = "hush-hush"
        let host = try VirtualEnvironment.prepare(spec, cache: "/nonexistent", inherited: variables)
        #expect(host.kind == .host && !host.wasBuilt && host.root == nil)
        #expect(host.facts["variable.A"] == "1")
        #expect(host.facts["secret.S"] == "set")
        #expect(host.facts["secret.T"] == "unset")
        #expect(!host.facts.values.contains { $0.contains("hush") })
    }
}
