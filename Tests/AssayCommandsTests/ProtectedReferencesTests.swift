import AssayCore
import AssayGit
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@testable import AssayCommands

@Suite("Protected references")
struct ProtectedReferencesTests {
    static let patterns = [
        "refs/heads/main", "refs/heads/release/*", "refs/tags/v[0-9].?", "refs/heads/[!a]x",
    ]
    static let names = [
        "refs/heads/main", "refs/heads/mainline", "refs/heads/release/1", "refs/heads/release/1/2",
        "refs/heads/release", "refs/tags/v1.2", "refs/tags/va.2", "refs/tags/v1.22",
        "refs/heads/bx", "refs/heads/ax", "refs/heads/wip",
    ]

    /// Runs a program in a directory with a git configuration of the test's own; gives its output.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], in directory: FilePath) async throws
        -> String
    {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments),
            environment: .inherit.updating([
                "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
                "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
            ]),
            workingDirectory: directory, output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        return result.standardOutput
    }

    @Test("the program protects what the hook's shell protects")
    func agreement() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-protect-test-")
        let path = directory.path
        try await Self.run("git", ["init", "-q", "-b", "main", "."], in: path)
        let none = try ProtectedReferences(try Repository.discover(from: path))
        #expect(none.patterns == ["refs/heads/main", "refs/heads/master"])
        for pattern in Self.patterns {
            try await Self.run("git", ["config", "--add", "assay.protect", pattern], in: path)
        }
        let protected = try ProtectedReferences(try Repository.discover(from: path))
        #expect(protected.patterns == Self.patterns)
        // The reading of the hook itself, up to its main loop.
        let part = HookScript.prePush
        let start = try #require(part.firstRange(of: "patterns=$("))
        let end = try #require(part.firstRange(of: "# What is below reads no more settings"))
        let script =
            "set -f\n" + part[start.lowerBound..<end.lowerBound]
            + "\nfor name in \"$@\"; do if is_protected \"$name\"; then echo \"$name\"; fi; done\n"
        let told = try await Self.run("sh", ["-c", script, "sh"] + Self.names, in: path)
        let hook = told.split(separator: "\n").map { String($0) }
        #expect(hook == Self.names.filter(protected.matches))
        #expect(hook.count == 5)
    }

    @Test("protected branches are listed in the order of the patterns, a remote's without its HEAD")
    func branches() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-protect-test-")
        let path = directory.path
        try await Self.run("git", ["init", "-q", "-b", "main", "."], in: path)
        try await Self.run("git", ["commit", "-q", "--allow-empty", "-m", "one"], in: path)
        for name in ["refs/heads/a/b", "refs/remotes/up/z", "refs/remotes/up/main"] {
            try await Self.run("git", ["update-ref", name, "HEAD"], in: path)
        }
        try await Self.run(
            "git", ["symbolic-ref", "refs/remotes/up/HEAD", "refs/remotes/up/main"], in: path)
        let repository = try Repository.discover(from: path)
        let protected = ProtectedReferences(patterns: ["refs/heads/main", "refs/heads/*"])
        #expect(
            try protected.localBranches(in: repository) == ["refs/heads/main", "refs/heads/a/b"])
        #expect(
            try protected.trackedBranches(of: "up", in: repository)
                == ["refs/remotes/up/main", "refs/remotes/up/z"])
        #expect(try protected.trackedBranches(of: "origin", in: repository).isEmpty)
    }
}
