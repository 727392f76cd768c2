public import AssayCore
import CLibgit2
import SystemPackage

extension Repository {
    /// The commit that a revision names, as `git rev-parse REV^{commit}` would say.
    ///
    /// Throws `.notFound` for an unknown one and `.ambiguous` for an abbreviation of several.
    public func resolve(_ revision: String) throws(AssayError) -> CommitID {
        guard !revision.isEmpty, !revision.utf8.contains(0) else {
            throw AssayError(.usage, "an empty revision names no commit")
        }
        var pointer: OpaquePointer?
        let status = unsafe git_revparse_single(&pointer, handle.pointer, revision)
        guard status == 0, let object = unsafe pointer else {
            let error = GitStatus.error(status, "could not resolve revision \(revision)")
            if error.code == .notFound {
                throw AssayError(
                    .notFound, "revision \(revision) is not known in \(gitDirectory)",
                    hint: "see what there is with `git log --oneline --all`, or fetch it")
            }
            throw error
        }
        let owned = unsafe GitHandle(object, free: git_object_free)
        var commit: OpaquePointer?
        try GitStatus.check(
            unsafe git_object_peel(&commit, owned.pointer, GIT_OBJECT_COMMIT),
            "could not find a commit behind revision \(revision)")
        guard let commit = unsafe commit else {
            throw AssayError(.notFound, "\(revision) is no commit")
        }
        let peeled = unsafe GitHandle(commit, free: git_object_free)
        return CommitID(unsafe git_object_id(peeled.pointer).pointee)
    }

    /// What a commit says of itself.
    public func info(_ commit: CommitID) throws(AssayError) -> CommitInfo {
        let owned = try lookUp(commit)
        var parents: [CommitID] = []
        for index in 0..<(unsafe git_commit_parentcount(owned.pointer)) {
            if let oid = unsafe git_commit_parent_id(owned.pointer, index) {
                parents.append(CommitID(unsafe oid.pointee))
            }
        }
        guard let author = unsafe git_commit_author(owned.pointer) else {
            throw AssayError(.damaged, "commit \(commit) has no author")
        }
        return CommitInfo(
            id: commit, parents: parents,
            author: Signature(
                name: unsafe String(cString: author.pointee.name),
                email: unsafe String(cString: author.pointee.email),
                time: unsafe author.pointee.when.time),
            message: unsafe git_commit_message(owned.pointer).map { unsafe String(cString: $0) }
                ?? "")
    }

    /// The commits that `to` has and `from` has not, newest first; all of `to` when `from` is `nil`.
    public func commits(from: CommitID?, to: CommitID, limit: Int = .max) throws(AssayError)
        -> [CommitID]
    {
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_revwalk_new(&pointer, handle.pointer), "could not walk history")
        guard let pointer = unsafe pointer else {
            throw AssayError(.repository, "could not walk history")
        }
        let walk = unsafe GitHandle(pointer, free: git_revwalk_free)
        _ = unsafe git_revwalk_sorting(walk.pointer, GIT_SORT_TOPOLOGICAL.rawValue)
        var oid = to.object.raw
        try GitStatus.check(
            unsafe git_revwalk_push(walk.pointer, &oid), "could not walk from \(to.short)")
        if let from {
            oid = from.object.raw
            try GitStatus.check(
                unsafe git_revwalk_hide(walk.pointer, &oid), "could not walk to \(from.short)")
        }
        var found: [CommitID] = []
        while found.count < limit {
            let status = unsafe git_revwalk_next(&oid, walk.pointer)
            if status == GIT_ITEROVER.rawValue { break }
            try GitStatus.check(status, "could not walk history")
            found.append(CommitID(oid))
        }
        return found
    }

    /// Whether `ancestor` is `commit` or one of those before it.
    public func isAncestor(_ ancestor: CommitID, of commit: CommitID) throws(AssayError) -> Bool {
        if ancestor == commit { return true }
        var old = ancestor.object.raw
        var new = commit.object.raw
        let status = unsafe git_graph_descendant_of(handle.pointer, &new, &old)
        try GitStatus.check(status, "could not compare \(ancestor.short) with \(commit.short)")
        return status == 1
    }

    func lookUp(_ commit: CommitID) throws(AssayError) -> GitHandle {
        var oid = commit.object.raw
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_commit_lookup(&pointer, handle.pointer, &oid),
            "could not read commit \(commit)")
        guard let pointer = unsafe pointer else {
            throw AssayError(.repository, "could not read commit \(commit)")
        }
        return unsafe GitHandle(pointer, free: git_commit_free)
    }

    func tree(of commit: CommitID) throws(AssayError) -> GitHandle {
        let owned = try lookUp(commit)
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_commit_tree(&pointer, owned.pointer),
            "could not read the tree of commit \(commit)")
        guard let pointer = unsafe pointer else {
            throw AssayError(.repository, "could not read the tree of commit \(commit)")
        }
        return unsafe GitHandle(pointer, free: git_tree_free)
    }
}
