import AssayCore
import AssayGate
import AssayGit

extension PolicySource.Found {
    /// The commit of a protected branch that holds this very policy, the remote's branches first;
    /// `nil` if none does, as before the first commit of one.
    func commit(in workspace: Workspace) throws(AssayError) -> CommitID? {
        let repository = workspace.repository
        let protected = try ProtectedReferences(repository)
        var names: [String] = []
        if let remote = try workspace.remote {
            names = try protected.trackedBranches(of: remote, in: repository)
        }
        names += try protected.localBranches(in: repository)
        let path =
            workspace.servicePath.isEmpty ? "gate.yaml" : "\(workspace.servicePath)/gate.yaml"
        for name in names {
            guard let commit = try repository.reference(name),
                let bytes = try repository.file(path, at: commit),
                Digest(of: bytes) == policy.digest
            else { continue }
            return commit
        }
        return nil
    }
}
