import AssayCore
import AssayGate
import AssayGit
import AssaySystem
import SystemPackage

/// Finds the policy that is in force, which is never the candidate's own if that can be helped.
struct PolicySource {
    let workspace: Workspace

    /// A policy and where it was read, in words.
    struct Found {
        let policy: Policy
        let source: String
    }

    /// The policy of a file, of a revision, or of the first that there is of: the protected branch as
    /// the remote had it last, the local protected branch, the work tree.
    func find(file: String?, revision: String?) throws -> Found {
        if let file {
            let bytes = try FileSystem.read(FilePath(file), limit: 1 << 24)
            return Found(policy: try Policy.parse(bytes, file: file), source: file)
        }
        if let revision {
            let commit = try workspace.repository.resolve(revision)
            guard let found = try read(commit, "\(revision)") else {
                throw AssayError(
                    .notFound, "commit \(commit.short) has no \(path)",
                    hint: "commit a gate.yaml there")
            }
            return found
        }
        for reference in try protectedReferences() {
            if let commit = try workspace.repository.reference(reference),
                let found = try read(commit, reference)
            {
                return found
            }
        }
        let file = workspace.serviceDirectory.appending("gate.yaml")
        guard FileSystem.exists(file) else {
            throw AssayError(
                .notFound, "there is no \(path) on a protected branch or in the work tree",
                hint: "write one with `assay init`, and commit it")
        }
        let bytes = try FileSystem.read(file, limit: 1 << 24)
        return Found(
            policy: try Policy.parse(bytes, file: path), source: "\(path) of the work tree")
    }

    private var path: String {
        workspace.servicePath.isEmpty ? "gate.yaml" : "\(workspace.servicePath)/gate.yaml"
    }

    private func protectedReferences() throws -> [String] {
        let given = try workspace.repository.setting("assay.protect")
        let branches = (given.map { [$0] } ?? ["refs/heads/main", "refs/heads/master"])
            .filter { $0.hasPrefix("refs/heads/") }.map { $0.dropFirst("refs/heads/".count) }
        let remote = branches.map { "refs/remotes/origin/\($0)" }
        return remote + branches.map { "refs/heads/\($0)" }
    }

    private func read(_ commit: CommitID, _ name: String) throws -> Found? {
        guard let bytes = try workspace.repository.file(path, at: commit) else { return nil }
        let source = "\(path) at \(name) (\(commit.short))"
        return Found(policy: try Policy.parse(bytes, file: path), source: source)
    }
}
