import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Foundation
import SystemPackage

/// A git repository with a small service in it, and a store, in a temporary directory.
final class TestRepository {
    let directory: TemporaryDirectory
    var root: FilePath { directory.path.appending("repo") }

    init() throws {
        directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-bundling-")
        try FileSystem.makeDirectory(root)
        try git("init", "--quiet", "--initial-branch=main")
    }

    /// The example service: code, a feature file, a lock, weights in git, data pinned.
    static func example() throws -> TestRepository {
        let repository = try TestRepository()
        try repository.write("assay.yaml", definition)
        try repository.write("service/app.py", "print('hello')\n")
        try repository.write("service/run.sh", "#!/bin/sh\n", mode: 0o755)
        try repository.write("config/features.yaml", "window: 3\nnames: [a, b]\n")
        try repository.write("config/service.toml", "x = 1\n")
        try repository.write("model/model.txt", "tree\nversion=v4\nnum_class=1\n\nTree=0\nTree=1\n")
        try repository.write(
            "requirements.lock", "six==1.16.0 --hash=sha256:\(String(repeating: "0", count: 64))\n")
        try repository.write("data/train.csv", "a,b\n1,2\n")
        try repository.write(".gitignore", "data/\n")
        return repository
    }

    static let definition = """
        schema: assay/service/v1
        name: flight-delay
        code: {include: ["service/**", "config/**"]}
        data: [{name: train, path: data/train.csv, kind: table}]
        features: [config/features.yaml]
        weights: [{name: model, path: model/model.txt}]
        environment: {kind: venv, python: "3.11", lock: requirements.lock, variables: {TZ: UTC}}
        serve: {command: ["{python}", -m, service.app, "{port}"], ready: {http: /healthz}}

        """

    func write(_ path: String, _ text: String, mode: UInt32 = 0o644) throws {
        let full = root.appending(path)
        try FileSystem.makeDirectory(full.removingLastComponent())
        try FileSystem.replace(full, with: Array(text.utf8), mode: mode)
    }

    func repository() throws -> Repository { try Repository.discover(from: root) }

    func store(_ name: String = "store") throws -> Store {
        try Store.create(at: directory.path.appending(name))
    }

    @discardableResult
    func commit(_ message: String = "change") throws -> CommitID {
        try git("add", "--all")
        try git("commit", "--quiet", "--allow-empty", "--message", message)
        return try repository().resolve("HEAD")
    }

    func git(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments =
            [
                "-C", root.string, "-c", "user.name=A", "-c", "user.email=a@example.org",
                "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null",
                "-c", "protocol.file.allow=always",
            ] + arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw GitFailed(arguments: arguments) }
    }

    struct GitFailed: Error { let arguments: [String] }
}
