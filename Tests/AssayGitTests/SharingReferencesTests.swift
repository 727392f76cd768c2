import AssayCore
import AssayGit
import AssaySystem
import AssayTestKit
import Subprocess
import SystemPackage
import Testing

@Suite("References of remotes")
struct SharingReferencesTests {
    static let name = "refs/assay/ledger"
    static let tracking = "refs/assay/remotes/origin/ledger"

    /// Makes a clone of `address` in a directory.
    private func clone(_ address: String, at path: FilePath) async throws -> Repository {
        try await Self.git(["init", "-q", path.string], in: "/")
        try await Self.git(["remote", "add", "origin", address], in: path)
        return try Repository.discover(from: path)
    }

    private static func git(_ arguments: [String], in path: FilePath) async throws {
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(arguments), workingDirectory: path,
            output: .discarded, error: .string(limit: 1 << 16))
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
    }

    @discardableResult
    private func add(_ file: String, to repository: Repository) throws -> CommitID {
        let head = try repository.reference(Self.name)
        let commit = try repository.writeCommit(
            files: [file: Array(file.utf8)], onto: head, message: file,
            author: Signature(name: "Ada", email: "ada@example.com", time: 1))
        try repository.updateReference(
            Self.name, to: commit, expecting: head, message: "test")
        return commit
    }

    /// Two clones race for one reference: the later one is refused, and nothing is lost.
    private func race(_ address: String, in directory: FilePath) async throws {
        let nobody = RemoteCredentials()
        let first = try await clone(address, at: directory.appending("first"))
        let second = try await clone(address, at: directory.appending("second"))
        let specification = ["+\(Self.name):\(Self.tracking)"]
        try first.fetch("origin", specification, credentials: nobody)
        #expect(try first.reference(Self.tracking) == nil)
        let one = try add("one", to: first)
        try first.push(Self.name, to: "origin", expecting: nil, credentials: nobody)
        let other = try add("other", to: second)
        let lost = #expect(throws: AssayError.self) {
            try second.push(Self.name, to: "origin", expecting: nil, credentials: nobody)
        }
        #expect(lost?.code == .conflict, "\(String(describing: lost))")
        try second.fetch("origin", specification, credentials: nobody)
        #expect(try second.reference(Self.tracking) == one)
        #expect(try second.reference(Self.name) == other)
        // A second change by whoever is up to date goes through.
        let two = try add("two", to: first)
        try first.push(Self.name, to: "origin", expecting: one, credentials: nobody)
        try second.fetch("origin", specification, credentials: nobody)
        #expect(try second.reference(Self.tracking) == two)
        #expect(try first.references(under: "refs/assay/incoming/").isEmpty)
    }

    @Test("a push to a directory loses a race without harm")
    func directory() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        let remote = path.appending("remote.git")
        try await Self.git(["init", "-q", "--bare", remote.string], in: path)
        try await race(remote.string, in: path)
        let there = try Repository.discover(from: remote)
        #expect(try there.references(under: "refs/assay/incoming/").isEmpty)
    }

    @Test("a push over git's own protocol loses a race without harm")
    func daemon() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        try await Self.git(["init", "-q", "--bare", path.appending("remote.git").string], in: path)
        let port = try RegistryServer.freePort()
        let outcome = try await Subprocess.run(
            .name("git"),
            arguments: [
                "daemon", "--reuseaddr", "--export-all", "--enable=receive-pack",
                "--listen=127.0.0.1", "--port=\(port)", "--base-path=\(path)", path.string,
            ], input: .none, output: .discarded, error: .discarded
        ) { execution in
            let result: Result<Void, any Error>
            do {
                try await RegistryServer.wait(for: port)
                result = .success(
                    try await race("git://127.0.0.1:\(port)/remote.git", in: path))
            } catch { result = .failure(error) }
            try execution.send(signal: .terminate)
            return result
        }
        try outcome.closureResult.get()
        _ = consume directory
    }

    @Test("a remote that is not there is told by its name")
    func absent() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        let repository = try await clone("\(path)/nowhere.git", at: path.appending("here"))
        for name in ["origin", "upstream"] {
            let error = #expect(throws: AssayError.self) {
                try repository.fetch(
                    name, ["+\(Self.name):\(Self.tracking)"], credentials: RemoteCredentials())
            }
            #expect(error?.message.contains("git remote \(name)") == true)
            #expect(error?.hint != nil)
        }
    }
}
