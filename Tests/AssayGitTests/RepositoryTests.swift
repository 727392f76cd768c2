import AssayCore
import AssayGit
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

@Suite("Repository")
struct RepositoryTests {
    /// Runs git itself, which the results are held against.
    @discardableResult
    static func git(_ arguments: String..., in directory: FilePath) async throws -> String {
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(arguments),
            environment: .inherit.updating([
                "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
                "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
            ]),
            workingDirectory: directory, output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        try #require(
            result.terminationStatus.isSuccess, "git \(arguments): \(result.standardError)")
        return String(result.standardOutput.split(separator: "\n").first ?? "")
    }

    /// A repository with two commits, in a directory of its own.
    static func withRepository(_ body: (FilePath) async throws -> Void) async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-git-test-")
        let path = directory.path
        try await git("init", "-q", "-b", "main", in: path)
        try FileSystem.makeDirectory(path.appending("service"))
        try FileSystem.replace(path.appending("service/app.py"), with: Array("one\n".utf8))
        try FileSystem.replace(
            path.appending("run.sh"), with: Array("#!/bin/sh\n".utf8), mode: 0o755)
        symlink("run.sh", path.appending("link").string)
        try await git("add", ".", in: path)
        try await git("commit", "-qm", "first\n\nwith a body", in: path)
        try FileSystem.replace(path.appending("service/app.py"), with: Array("two\n".utf8))
        try FileSystem.replace(path.appending("new"), with: [])
        try await git("add", ".", in: path)
        try await git("commit", "-qm", "second", in: path)
        try await body(path)
    }

    @Test("revisions, files and contents are what git says")
    func reading() async throws {
        try await Self.withRepository { path in
            let repository = try Repository.discover(from: path.appending("service"))
            let head = try repository.resolve("HEAD")
            #expect(head.description == (try await Self.git("rev-parse", "HEAD", in: path)))
            #expect(try repository.resolve(head.short) == head)
            let files = try repository.files(at: head)
            #expect(files.map(\.path) == ["link", "new", "run.sh", "service/app.py"])
            #expect(files.map(\.mode) == [.symlink, .regular, .executable, .regular])
            #expect(try repository.contents(of: files[3].oid, limit: 100) == Array("two\n".utf8))
            #expect(try repository.contents(of: files[1].oid, limit: 100) == [])
            #expect(throws: AssayError.self) { try repository.contents(of: files[3].oid, limit: 2) }
            let first = try repository.resolve("HEAD~1")
            #expect(try repository.file("service/app.py", at: first) == Array("one\n".utf8))
            let absent = try repository.file("service/none", at: first)
            #expect(absent == nil)
            let changes = try repository.changedFiles(from: first, to: head)
            #expect(changes.map(\.path) == ["new", "service/app.py"])
            #expect(changes.map(\.state) == [.added, .modified])
            #expect(try repository.isAncestor(first, of: head))
            #expect(try !repository.isAncestor(head, of: first))
            #expect(try repository.info(first).summary == "first")
            #expect(try repository.commits(from: first, to: head) == [head])
        }
    }

    @Test("what is not there is named, with a way on")
    func failures() async throws {
        try await Self.withRepository { path in
            let repository = try Repository.discover(from: path)
            let unknown = #expect(throws: AssayError.self) { try repository.resolve("nowhere") }
            #expect(unknown?.code == .notFound)
            #expect(unknown?.message.contains("nowhere") == true)
        }
        let error = #expect(throws: AssayError.self) { try Repository.discover(from: "/proc") }
        #expect(error?.code == .repository)
        #expect(error?.message == "/proc is not inside a git repository")
    }

    @Test("a repository with SHA-256 object names is refused in words")
    func sha256() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-git-test-")
        try await Self.git("init", "-q", "--object-format=sha256", in: directory.path)
        let path = directory.path
        let error = #expect(throws: AssayError.self) { try Repository.discover(from: path) }
        #expect(error?.hint != nil)
        #expect([.unsupported, .repository].contains(error?.code))
    }

    @Test("a linked work tree reads the same commits")
    func linked() async throws {
        try await Self.withRepository { path in
            let other = path.appending("linked")
            try await Self.git("worktree", "add", "-q", other.string, "HEAD~1", in: path)
            let repository = try Repository.discover(from: other)
            #expect(try repository.resolve("HEAD") == repository.resolve("main~1"))
            #expect(repository.commonDirectory != repository.gitDirectory)
        }
    }

    @Test("a commit is written beside the work tree, and a reference moves only from where it was")
    func writing() async throws {
        try await Self.withRepository { path in
            let repository = try Repository.discover(from: path)
            let author = Signature(name: "Ada", email: "ada@example.com", time: 1_700_000_000)
            let name = "refs/assay/ledger"
            let one = try repository.writeCommit(
                files: ["a/b.json": [1], "c": [2]], onto: nil, message: "one", author: author)
            try repository.updateReference(name, to: one, expecting: nil, message: "start")
            let two = try repository.writeCommit(
                files: ["a/d.json": [3], "c": [4]], onto: one, message: "two", author: author)
            let conflict = #expect(throws: AssayError.self) {
                try repository.updateReference(name, to: two, expecting: two, message: "wrong")
            }
            #expect(conflict?.code == .conflict)
            let taken = #expect(throws: AssayError.self) {
                try repository.updateReference(name, to: two, expecting: nil, message: "wrong")
            }
            #expect(taken?.code == .conflict)
            try repository.updateReference(name, to: two, expecting: one, message: "next")
            #expect(try repository.reference(name) == two)
            #expect(try repository.files(at: two).map(\.path) == ["a/b.json", "a/d.json", "c"])
            #expect(try repository.file("c", at: two) == [4])
            #expect(try repository.info(two).parents == [one])
            #expect(try await Self.git("status", "--porcelain", in: path) == "")
            #expect(try await Self.git("fsck", "--strict", "--no-dangling", in: path) == "")
        }
    }

    @Test("the state of the work tree and settings are git's")
    func status() async throws {
        try await Self.withRepository { path in
            let repository = try Repository.discover(from: path)
            #expect(try repository.statusOfWorktree().isEmpty)
            try FileSystem.replace(path.appending("fresh"), with: [1])
            try FileSystem.replace(path.appending("new"), with: [1])
            try FileSystem.remove(path.appending("run.sh"))
            let states = Dictionary(
                uniqueKeysWithValues: try repository.statusOfWorktree().map { ($0.path, $0.state) })
            #expect(states["fresh"] == .untracked)
            #expect(states["new"] == .modified)
            #expect(states["run.sh"] == .removed)
            try repository.addSetting("remote.origin.fetch", "+refs/assay/*:refs/assay/*")
            try repository.addSetting("remote.origin.fetch", "+refs/assay/*:refs/assay/*")
            let set = try await Self.git("config", "--get-all", "remote.origin.fetch", in: path)
            #expect(set == "+refs/assay/*:refs/assay/*")
            #expect(try repository.setting("core.bare") == "false")
            #expect(try repository.hooksDirectory.string.hasSuffix("/.git/hooks"))
        }
    }
}
