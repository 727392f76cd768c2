import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("The push hook")
struct HookTests {
    /// A policy that lets everything pass.
    static let lax = ServiceRepository.policy.replacing("max: 0 requests", with: "max: 60 requests")

    /// Pushes and gives what came of it.
    static func push(_ arguments: String..., in path: FilePath) async throws -> Program.Outcome {
        try await Program.run(.name("git"), ["push"] + arguments, in: path)
    }

    /// The refs that a remote has.
    static func refs(of remote: FilePath) async throws -> [Substring] {
        try await Program.git("for-each-ref", "--format=%(refname)", in: remote).output
            .split(separator: "\n")
    }

    @Test("a protected ref is not deleted")
    func deletion() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        let path = service.path
        let remote = try await service.addRemote()
        try await Program.git("config", "assay.protect", "refs/heads/release/*", in: path)
        try await Program.git(
            "push", "-q", "origin", "main:refs/heads/release/1", "main:refs/heads/wip", in: path)
        let outcome = try await Self.push("origin", ":refs/heads/release/1", in: path)
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains(
                "refs/heads/release/1 of origin is protected and is not deleted"))
        #expect(outcome.errors.contains("hint: to delete it"))
        try await Program.git("push", "-q", "origin", ":refs/heads/wip", in: path)
        #expect(try await Self.refs(of: remote) == ["refs/heads/release/1"])
    }

    @Test("a new protected ref is gated by the policy that the remote has, not by its own")
    func newReference() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        let path = service.path
        let remote = try await service.addRemote()
        try await Program.git("config", "--add", "assay.protect", "refs/heads/main", in: path)
        try await Program.git("config", "--add", "assay.protect", "refs/heads/release/*", in: path)
        let first = try await Self.push("origin", "main", in: path)
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.errors.contains("has no gate.yaml yet, so the first policy is that of"))
        try service.write("config/model.json", #"{"threshold": 12}"#)
        try service.write("gate.yaml", Self.lax)
        try await service.commit("another threshold, and a policy that allows it")
        // By name, what was fetched last tells the policy; by address, the remote itself.
        for address in ["origin", remote.string] {
            let outcome = try await Self.push(address, "main:refs/heads/release/1", in: path)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("did not pass the gate to dev"), "\(outcome.errors)")
        }
        #expect(try await Self.refs(of: remote) == ["refs/heads/main"])
        // What the remote's own policy passes may have a new ref.
        try await Program.git("push", "-q", "origin", "main~1:refs/heads/release/2", in: path)
    }

    @Test("Assay comes to a repository whose remote has no gate.yaml yet, and the hook says so")
    func firstPolicy() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        let path = service.path
        let remote = try await service.addRemote()
        let tree = try await Program.git("hash-object", "-t", "tree", "/dev/null", in: path)
        let base = try await Program.git(
            "commit-tree", "-m", "before Assay", String(tree.output.dropLast()), in: path)
        let commit = String(base.output.dropLast())
        try await Program.git(
            "push", "-q", "--no-verify", "origin", "\(commit):refs/heads/main", in: path)
        try await Program.git(
            "merge", "-q", "-s", "ours", "--allow-unrelated-histories", "-m", "join", commit,
            in: path)
        let outcome = try await Self.push("origin", "main", in: path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.errors.contains(
                "origin has no gate.yaml yet, so the first policy is that of refs/heads/main itself"
            ))
        let there = try await Program.git("rev-parse", "main", in: remote).output
        #expect(there == (try await Program.git("rev-parse", "main", in: path).output))
    }

    @Test("commits of the remote that were not fetched are asked for, and nothing leaves")
    func unfetched() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        let path = service.path
        let remote = try await service.addRemote()
        try await Program.git("push", "-q", "origin", "main", in: path)
        let clone = service.outside.appending("clone")
        try await Program.git("clone", "-q", remote.string, clone.string, in: service.outside)
        try await Program.git("commit", "-q", "--allow-empty", "-m", "elsewhere", in: clone)
        try await Program.git("push", "-q", "origin", "main", in: clone)
        let outcome = try await Self.push("-f", "origin", "main", in: path)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("git fetch origin"))
    }

    @Test("a service in a subdirectory is bundled, gated, promoted and pushed")
    func subdirectory() async throws {
        let service = try await ServiceRepository.make(below: "services/scoring")
        try await service.promoteToProd()
        let path = service.path
        let remote = try await service.addRemote()
        let setting = try await Program.git("config", "--get-all", "assay.service", in: path)
        #expect(setting.output == "services/scoring\n")
        let log = try await service.expect(0, "log", "--json")
        let entry = JSONReader(
            try JSONParser.parse(Array(log.output.utf8), file: "log"), document: "log")
        let head = try await Program.git("rev-parse", "HEAD", in: path).output
        #expect(try entry["policyCommit"].string() + "\n" == head)
        let first = try await Self.push("origin", "main", in: path)
        #expect(first.status == 0, "\(first.errors)")
        #expect(!first.errors.contains("gating it before"))

        try service.write("config/model.json", #"{"threshold": 12}"#)
        try await service.commit("another threshold")
        let slip = try await Self.push("origin", "main", in: path)
        #expect(slip.status == 1)
        #expect(
            slip.errors.contains(
                "refs/heads/main in services/scoring did not pass the gate to dev"),
            "\(slip.errors)")
        #expect(try await Program.git("rev-parse", "main", in: remote).output == head)

        try await Program.git("reset", "-q", "--hard", "HEAD~1", in: path)
        try service.write("service/comment.py", "# Nothing more.\n")
        try await service.commit("comment")
        let passed = try await Self.push("origin", "main", in: path)
        #expect(passed.status == 0, "\(passed.errors)")
        #expect(passed.errors.contains("gating it before it leaves for origin"))
    }

    @Test("every service of a repository has to pass, and one that a commit leaves out does not")
    func severalServices() async throws {
        let service = try await ServiceRepository.make(below: "scoring")
        try await service.promoteToProd()
        let path = service.path
        _ = try await service.addRemote()
        try await Program.git("config", "--add", "assay.service", "a second", in: path)
        let outcome = try await Self.push("origin", "main", in: path)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("has no a second/assay.yaml"), "\(outcome.errors)")
        #expect(outcome.errors.contains("git config --unset assay.service '^a second$'"))
        try await Program.git("config", "--unset", "assay.service", "^a second$", in: path)
        try await Program.git("push", "-q", "origin", "main", in: path)
    }

    @Test("a hook that was changed or is another's is replaced only by force, and then kept")
    func installation() async throws {
        let service = try await ServiceRepository.make()
        let hook = service.path.appending(".git/hooks/pre-push")
        try await service.expect(2, "init", "--force")
        try await service.expect(0, "init", "--hooks")
        try await service.expect(0, "init", "--hooks")
        let ours = String(decoding: try FileSystem.read(hook), as: UTF8.self)
        for (text, word) in [
            (ours + "echo more\n", "was changed since Assay wrote it"),
            ("#!/bin/sh\n", "another pre-push hook"),
        ] {
            try FileSystem.replace(hook, with: Array(text.utf8), mode: 0o755)
            let refused = try await service.expect(2, "init", "--hooks")
            #expect(refused.errors.contains(word))
            #expect(refused.errors.contains("--force"))
            #expect(try FileSystem.read(hook) == Array(text.utf8))
            try await service.expect(0, "init", "--hooks", "--force")
            #expect(try FileSystem.read(hook) == Array(ours.utf8))
            let kept = FilePath("\(hook).old")
            #expect(try FileSystem.read(kept) == Array(text.utf8))
            try FileSystem.remove(kept)
        }
    }
}
