public import AssayCore
import CLibgit2
import SystemPackage

extension Repository {
    /// All files of a commit, sorted by the bytes of their paths; submodules are listed, not entered.
    public func files(at commit: CommitID) throws(AssayError) -> [TreeFile] {
        var found: [TreeFile] = []
        try collect(try tree(of: commit), prefix: "", depth: 0, into: &found)
        return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// The files of a commit below one directory, sorted like those of `files(at:)` and with whole
    /// paths; none if there is no such directory. Reads no other directories.
    public func files(at commit: CommitID, under directory: String) throws(AssayError) -> [TreeFile]
    {
        let top = try tree(of: commit)
        var pointer: OpaquePointer?
        let status = unsafe git_tree_entry_bypath(&pointer, top.pointer, directory)
        if status == GIT_ENOTFOUND.rawValue { return [] }
        try GitStatus.check(status, "could not look up \(directory) at commit \(commit.short)")
        guard let pointer = unsafe pointer else { return [] }
        let entry = unsafe GitHandle(pointer, free: git_tree_entry_free)
        guard unsafe git_tree_entry_type(entry.pointer) == GIT_OBJECT_TREE else { return [] }
        var child: OpaquePointer?
        try GitStatus.check(
            unsafe git_tree_lookup(&child, handle.pointer, git_tree_entry_id(entry.pointer)),
            "could not read directory \(directory)")
        guard let child = unsafe child else { return [] }
        var found: [TreeFile] = []
        try collect(
            unsafe GitHandle(child, free: git_tree_free), prefix: directory + "/", depth: 1,
            into: &found)
        return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// The content of one file at a commit; `nil` if the commit has no such file.
    public func file(
        _ path: String, at commit: CommitID, limit: Int = 1 << 26
    ) throws(AssayError) -> [UInt8]? {
        let tree = try tree(of: commit)
        var pointer: OpaquePointer?
        let status = unsafe git_tree_entry_bypath(&pointer, tree.pointer, path)
        if status == GIT_ENOTFOUND.rawValue { return nil }
        try GitStatus.check(status, "could not look up \(path) at commit \(commit.short)")
        guard let pointer = unsafe pointer else { return nil }
        let entry = unsafe GitHandle(pointer, free: git_tree_entry_free)
        guard unsafe git_tree_entry_type(entry.pointer) == GIT_OBJECT_BLOB else { return nil }
        return try contents(
            of: BlobID(unsafe git_tree_entry_id(entry.pointer).pointee), limit: limit)
    }

    /// The content of a blob; throws `.limit` above `limit` bytes.
    public func contents(of blob: BlobID, limit: Int) throws(AssayError) -> [UInt8] {
        var oid = blob.object.raw
        var pointer: OpaquePointer?
        let status = unsafe git_blob_lookup(&pointer, handle.pointer, &oid)
        guard status == 0, let pointer = unsafe pointer else {
            let error = GitStatus.error(status, "could not read blob \(blob)")
            guard error.code == .notFound else { throw error }
            throw AssayError(
                .notFound, "blob \(blob) is not in \(commonDirectory)",
                hint:
                    "in a partial clone, get it with `git fetch --refetch --filter=blob:none` off, or "
                    + "check the commit out once")
        }
        let owned = unsafe GitHandle(pointer, free: git_blob_free)
        let size = Int(unsafe git_blob_rawsize(owned.pointer))
        guard size <= limit else {
            throw AssayError(
                .limit, "blob \(blob) has \(ByteCount(size)), at most \(ByteCount(limit))")
        }
        guard size > 0, let content = unsafe git_blob_rawcontent(owned.pointer) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: content, count: size))
    }

    /// The files that differ between two commits.
    public func changedFiles(from: CommitID, to: CommitID) throws(AssayError) -> [FileChange] {
        let old = try files(at: from)
        let new = try files(at: to)
        let before = Dictionary(uniqueKeysWithValues: old.map { ($0.path, $0) })
        let after = Dictionary(uniqueKeysWithValues: new.map { ($0.path, $0) })
        var changes: [FileChange] = []
        for file in old where after[file.path] == nil {
            changes.append(FileChange(path: file.path, state: .removed))
        }
        for file in new {
            guard let was = before[file.path] else {
                changes.append(FileChange(path: file.path, state: .added))
                continue
            }
            if was != file { changes.append(FileChange(path: file.path, state: .modified)) }
        }
        return changes.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private func collect(
        _ tree: borrowing GitHandle, prefix: String, depth: Int, into found: inout [TreeFile]
    ) throws(AssayError) {
        guard depth < 256 else {
            throw AssayError(.limit, "directory \(prefix) is nested too deeply")
        }
        for index in 0..<(unsafe git_tree_entrycount(tree.pointer)) {
            guard let entry = unsafe git_tree_entry_byindex(tree.pointer, index),
                let oid = unsafe git_tree_entry_id(entry),
                let bytes = unsafe git_tree_entry_name(entry)
            else { continue }
            guard let name = unsafe String(validatingCString: bytes) else {
                throw AssayError(
                    .unsupported,
                    "a file in \(prefix.isEmpty ? "the top directory" : prefix) has a name that "
                        + "is not UTF-8", hint: "rename it")
            }
            let path = prefix + name
            let mode = unsafe git_tree_entry_filemode(entry)
            if mode == GIT_FILEMODE_TREE {
                var pointer: OpaquePointer?
                try GitStatus.check(
                    unsafe git_tree_lookup(&pointer, handle.pointer, oid),
                    "could not read directory \(path)")
                guard let pointer = unsafe pointer else { continue }
                let child = unsafe GitHandle(pointer, free: git_tree_free)
                try collect(child, prefix: path + "/", depth: depth + 1, into: &found)
                continue
            }
            let kind: TreeFile.Mode =
                switch mode {
                case GIT_FILEMODE_BLOB_EXECUTABLE: .executable
                case GIT_FILEMODE_LINK: .symlink
                case GIT_FILEMODE_COMMIT: .submodule
                default: .regular
                }
            found.append(TreeFile(path: path, mode: kind, oid: BlobID(unsafe oid.pointee)))
        }
    }
}
