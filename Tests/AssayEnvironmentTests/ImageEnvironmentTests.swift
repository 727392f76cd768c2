import AssayCore
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import AssayEnvironment

@Suite("environments that are images")
struct ImageEnvironmentTests {
    private static let image =
        "registry.example/python@sha256:" + String(repeating: "5e", count: 32)

    private static func spec(_ image: String = image) -> EnvironmentSpec {
        EnvironmentSpec(
            kind: .image, python: nil, lock: nil, variables: ["TZ": "UTC"], secrets: ["TOKEN"],
            image: image)
    }

    /// A program `podman` that gives out an image, and this machine's variables with it in front.
    private func withImage(
        bare: Bool = false, _ body: (FilePath, [String: String]) throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let script = FilePath(#filePath).removingLastComponent().removingLastComponent()
            .appending("EndToEndTests/Programs/make-image.sh")
        let made = try await run(
            .path("/bin/bash"),
            arguments: Arguments(
                [script.string, directory.path.string] + (bare ? ["--bare"] : [])),
            output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        try #require(made.terminationStatus.isSuccess, "\(made.standardError)")
        var variables = try ToolEnvironment.current()
        variables["PATH"] = "\(directory.path.appending("bin")):\(variables["PATH"] ?? "")"
        variables["TOKEN"] = "hush-hush"
        try body(directory.path, variables)
        _ = directory
    }

    private func calls(_ directory: FilePath) throws -> [String] {
        String(decoding: try FileSystem.read(directory.appending("calls")), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    @Test("an image is fetched by its digest, unpacked once, and probed from inside")
    func python() async throws {
        try await withImage { directory, variables in
            let cache = directory.appending("cache")
            func prepare() throws -> PreparedEnvironment {
                try VirtualEnvironment.prepare(Self.spec(), cache: cache, inherited: variables)
            }
            let first = try prepare()
            #expect(first.kind == .image && first.wasBuilt && first.root == nil)
            #expect(first.python == "/usr/bin/python3")
            #expect(first.facts["interpreter.version"]?.hasPrefix("3.11.") == true)
            #expect(first.facts["os.distribution"] == "testos 7")
            #expect(first.facts["image.digest"] == "sha256:" + String(repeating: "5e", count: 32))
            #expect(first.facts["variable.TZ"] == "UTC")
            #expect(first.facts["secret.TOKEN"] == "set")
            #expect(!first.facts.values.contains { $0.contains("hush") })
            #expect(first.image?.variables["IMAGE_SAYS"] == "hello=world")
            let calls = try calls(directory)
            #expect(
                calls.map { $0.prefix { $0 != " " } } == [
                    "image", "pull", "image", "create", "export", "rm",
                ])
            #expect(calls[1] == "pull \(Self.image)")
            #expect(calls[3].hasPrefix("create --network none \(Self.image)"))

            // What is there needs no runtime any more.
            try FileSystem.remove(directory.appending("bin/podman"))
            let second = try prepare()
            #expect(!second.wasBuilt)
            #expect(second.facts == first.facts)
            #expect(second.digest == first.digest)
        }
    }

    @Test("what an image may not have is taken from it; its links and odd names stay")
    func tamed() async throws {
        try await withImage(bare: true) { directory, variables in
            let prepared = try VirtualEnvironment.prepare(
                Self.spec(), cache: directory.appending("cache"), inherited: variables)
            let root = try #require(prepared.image).root
            #expect(try FileSystem.status(of: root.appending("usr/bin/su"))?.mode == 0o755)
            #expect(!FileSystem.exists(root.appending("dev/console")))
            #expect(try FileSystem.status(of: root.appending("etc/localtime"))?.kind == .symlink)
            #expect(try FileSystem.read(root.appending("usr/share/Name")) == Array("upper\n".utf8))
            #expect(try FileSystem.read(root.appending("usr/share/name")) == Array("lower\n".utf8))
            #expect(try FileSystem.status(of: root.appending("etc/closed"))?.mode == 0o700)
            let hosts = try FileSystem.read(root.appending("etc/hosts"))
            #expect(String(decoding: hosts, as: UTF8.self).contains("127.0.0.1 localhost"))
        }
    }

    @Test("setuid bits go, and what is ours can be read and removed, whoever unpacked it")
    func tame() throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let root = directory.path.appending("root")
        try FileSystem.makeDirectory(root.appending("closed"))
        for (name, mode) in [("su", 0o6755), ("closed/key", 0o000), ("shared", 0o644)] {
            try FileSystem.replace(root.appending(name), with: [])
            #expect(chmod(root.appending(name).string, mode_t(mode)) == 0)
        }
        #expect(chmod(root.appending("closed").string, 0o500) == 0)
        #expect(chmod(root.string, 0o755) == 0)
        let before = try FileTree(root: root).fingerprint()
        try FileTree(root: root).tame()
        #expect(try FileSystem.status(of: root.appending("su"))?.mode == 0o755)
        #expect(try FileSystem.status(of: root.appending("closed"))?.mode == 0o700)
        #expect(try FileSystem.status(of: root.appending("closed/key"))?.mode == 0o400)
        #expect(try FileSystem.status(of: root.appending("shared"))?.mode == 0o644)
        let after = try FileTree(root: root).fingerprint()
        #expect(after != before)
        #expect(try FileTree(root: root).fingerprint() == after)
    }

    @Test("an image without Python is told by what its files say")
    func bare() async throws {
        try await withImage(bare: true) { directory, variables in
            let prepared = try VirtualEnvironment.prepare(
                Self.spec(), cache: directory.appending("cache"), inherited: variables)
            #expect(prepared.python == nil && prepared.interpreter == nil)
            #expect(prepared.facts["probe.python"] == "none")
            #expect(prepared.facts["os.distribution"] == "testos 7")
            #expect(prepared.facts["variable.TZ"] == "UTC")
            #expect(prepared.facts["secret.TOKEN"] == "set")
        }
    }

    @Test(
        "a command inside sees the image and what is mounted, and can write to its own place alone")
    func view() async throws {
        let bubblewrap = try #require(
            try Bubblewrap.find(searchPath: ToolEnvironment.current()["PATH"] ?? ""))
        try await withImage(bare: true) { directory, variables in
            let prepared = try VirtualEnvironment.prepare(
                Self.spec(), cache: directory.appending("cache"), inherited: variables)
            let view = try #require(prepared.image)
            let code = directory.appending("code")
            let home = directory.appending("home")
            try FileSystem.makeDirectory(code)
            try FileSystem.makeDirectory(home)
            try FileSystem.replace(code.appending("a"), with: [0x41])
            let script = """
                cat /etc/image-mark a; test -e \(code) && echo seen
                for f in /x /etc/x /usr/x \(ImageView.bundle)/x /tmp/x \(ImageView.home)/x; do
                    (: > $f) 2>/dev/null && echo wrote $f
                done
                """
            let done = try ChildProcess(
                command: view.arguments(
                    bubblewrap: bubblewrap, command: ["sh", "-c", script],
                    mounts: [
                        .init(code, at: ImageView.bundle),
                        .init(home, at: ImageView.home, isWritable: true),
                    ], directory: ImageView.bundle),
                environment: view.variables, timeout: .seconds(30)
            ).run()
            #expect(
                String(decoding: done.output, as: UTF8.self)
                    == "only in the image\nAwrote /tmp/x\nwrote /assay/home/x\n")
            #expect(try FileSystem.names(in: home) == ["x"])
        }
    }

    @Test("files that were changed since they were unpacked are no environment")
    func changed() async throws {
        try await withImage(bare: true) { directory, variables in
            let cache = directory.appending("cache")
            let prepared = try VirtualEnvironment.prepare(
                Self.spec(), cache: cache, inherited: variables)
            let root = try #require(prepared.image).root
            try FileSystem.replace(root.appending("etc/image-mark"), with: Array("other".utf8))
            let error = #expect(throws: AssayError.self) {
                try VirtualEnvironment.prepare(Self.spec(), cache: cache, inherited: variables)
            }
            #expect(error?.code == .environment)
            #expect(error?.hint?.contains("rm -r") == true)
        }
    }

    @Test("without podman and docker the error names both and what to install")
    func noRuntime() throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let error = #expect(throws: AssayError.self) {
            try VirtualEnvironment.prepare(
                Self.spec(), cache: directory.path, inherited: ["PATH": "/nonexistent"])
        }
        #expect(error?.code == .missingTool)
        #expect(error?.message.contains("neither podman nor docker") == true)
        #expect(error?.hint?.contains("podman") == true)
        let digest = Self.image.split(separator: "@")[1]
        for name in ["python:3.11", "--root=x@\(digest)", "@\(digest)", "a b@\(digest)"] {
            let unnamed = #expect(throws: AssayError.self) {
                try VirtualEnvironment.prepare(Self.spec(name), cache: directory.path)
            }
            #expect(unnamed?.code == .usage, "\(name)")
        }
    }

    @Test("what each runtime says is passed on, and nothing half unpacked is left")
    func failing() throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let bin = directory.path.appending("bin")
        try FileSystem.makeDirectory(bin)
        for (name, words) in [
            ("podman", "manifest unknown"), ("docker", "Cannot connect to the Docker daemon"),
        ] {
            try FileSystem.replace(
                bin.appending(name), with: Array("#!/bin/sh\necho '\(words)' >&2\nexit 1\n".utf8),
                mode: 0o755)
        }
        let cache = directory.path.appending("cache")
        let error = #expect(throws: AssayError.self) {
            try VirtualEnvironment.prepare(
                Self.spec(), cache: cache, inherited: ["PATH": "\(bin):/usr/bin:/bin"])
        }
        #expect(error?.code == .environment)
        #expect(
            error?.message.contains("podman pull ended with status 1: manifest unknown") == true)
        #expect(error?.message.contains("docker pull ended with status 1: Cannot connect") == true)
        #expect(error?.hint?.contains("daemon") == true)
        #expect(try FileSystem.names(in: cache).allSatisfy { $0.hasSuffix(".lock") })
    }
}
