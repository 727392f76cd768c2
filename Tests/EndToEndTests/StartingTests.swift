import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("Starting in a repository")
struct StartingTests {
    private func expect(
        _ status: Int32, _ directory: FilePath, _ arguments: String...,
        location: Testing.SourceLocation = #_sourceLocation
    ) async throws -> Program.Outcome {
        let outcome = try await Program.run(.path(Program.assay), arguments, in: directory)
        #expect(
            outcome.status == status, "\(outcome.output)\(outcome.errors)",
            sourceLocation: location)
        return outcome
    }

    @Test(
        "where there is no repository, and in a bare one, init says what to do and writes nothing")
    func nowhere() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-e2e-")
        let path = directory.path
        let outside = try await expect(2, path, "init")
        #expect(outside.errors.contains("is not inside a git repository"))
        #expect(outside.errors.contains("git init"))
        #expect(try FileSystem.names(in: path).isEmpty)
        try await Program.git("init", "-q", "--bare", "bare.git", in: path)
        let bare = try await expect(2, path.appending("bare.git"), "init")
        #expect(bare.errors.contains("is bare"))
        #expect(bare.errors.contains("hint:"))
        #expect(!FileSystem.exists(path.appending("bare.git/.assay")))
    }

    @Test("an empty repository is prepared, and what comes next says that a commit is missing")
    func empty() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-e2e-")
        let path = directory.path
        try await Program.git("init", "-q", "-b", "main", in: path)
        let made = try await expect(0, path, "init", "--hooks")
        #expect(made.output.hasSuffix("ready: \(path)\n"))
        for name in ["assay.yaml", "gate.yaml", ".assay/store/oci-layout", ".git/hooks/pre-push"] {
            #expect(FileSystem.exists(path.appending(name)), "\(name)")
        }
        let early = try await expect(2, path, "bundle", "create")
        #expect(early.errors.contains("has no commit yet"))
        #expect(early.errors.contains("git commit"))
        _ = try await expect(0, path, "init")
    }

    @Test("the default branch of a remote is protected, whatever its name")
    func defaultBranch() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-e2e-")
        let path = directory.path
        try await Program.git("init", "-q", "-b", "trunk", "first", in: path)
        let first = path.appending("first")
        try await Program.git("commit", "-q", "--allow-empty", "-m", "one", in: first)
        let alone = try await expect(0, first, "init")
        let command = "git config --add assay.protect refs/heads/trunk"
        #expect(alone.errors.contains(command), "\(alone.errors)")
        #expect(try await expect(0, first, "doctor").output.contains(command))
        try await Program.git("config", "--add", "assay.protect", "refs/heads/trunk", in: first)
        #expect(!(try await expect(0, first, "init").errors.contains("assay.protect")))
        #expect(!(try await expect(0, first, "doctor").output.contains(command)))

        try await Program.git("clone", "-q", "first", "clone", in: path)
        let clone = path.appending("clone")
        let known = try await expect(0, clone, "init")
        #expect(known.errors.contains("protected: refs/heads/trunk, the default branch of origin"))
        let set = try await Program.git("config", "--get-all", "assay.protect", in: clone)
        #expect(set.output == "refs/heads/trunk\n")
        _ = try await expect(0, clone, "init")
        let again = try await Program.git("config", "--get-all", "assay.protect", in: clone)
        #expect(again.output == "refs/heads/trunk\n")

        // Where main is there too, protecting another would end main's protection: it is only said.
        try await Program.git("branch", "main", in: first)
        try await Program.git("clone", "-q", "first", "both", in: path)
        let both = try await expect(0, path.appending("both"), "init")
        #expect(both.errors.contains(command))
        let unset = try await Program.run(
            .name("git"), ["config", "--get-all", "assay.protect"], in: path.appending("both"))
        #expect(unset.output.isEmpty)
    }
}
