/// One file of a commit's tree.
public struct TreeFile: Hashable, Sendable {
    /// The kinds of entry that a tree holds beside directories.
    public enum Mode: Hashable, Sendable { case regular, executable, symlink, submodule }

    /// The path from the top of the repository, with `/` between names.
    public let path: String
    /// What kind of entry it is.
    public let mode: Mode
    /// Its content; of a submodule, the commit.
    public let oid: BlobID

    /// The commit of a submodule; `nil` for a file.
    public var submoduleCommit: CommitID? {
        mode == .submodule ? CommitID(oid.description) : nil
    }
}

/// One file that differs between two commits, or from the last commit.
public struct FileChange: Hashable, Sendable {
    /// What happened to it.
    public enum State: String, Hashable, Sendable {
        case added, removed, modified, untracked, conflicted
    }

    /// The path from the top of the repository.
    public let path: String
    /// What happened.
    public let state: State
}
