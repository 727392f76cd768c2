public import AssayCore
import CLibgit2

/// One file that git tracks in a work tree.
public struct IndexFile: Hashable, Sendable {
    /// Its path, what kind of entry it is, and the content that was staged last.
    public let file: TreeFile
    /// Whether a sparse checkout leaves it out of the work tree.
    public let isLeftOut: Bool
}

extension Repository {
    /// What the index holds: what git tracks here, committed or not. Looks at no file.
    ///
    /// Throws `.unsupported` for a sparse index, which libgit2 cannot read; a sparse checkout with a
    /// whole index is read.
    public func filesInIndex() throws(AssayError) -> [IndexFile] {
        var pointer: OpaquePointer?
        let status = unsafe git_repository_index(&pointer, handle.pointer)
        guard status == 0, let pointer = unsafe pointer else {
            let error = GitStatus.error(status, "could not open the index")
            throw error.message.contains("extension") ? sparseIndex(error) : error
        }
        let index = unsafe GitHandle(pointer, free: git_index_free)
        var files: [IndexFile] = []
        for place in 0..<(unsafe git_index_entrycount(index.pointer)) {
            guard let entry = unsafe git_index_get_byindex(index.pointer, place),
                let path = unsafe entry.pointee.path
            else { continue }
            let extended = UInt32(unsafe entry.pointee.flags_extended)
            let file = TreeFile(
                path: unsafe String(cString: path),
                mode: TreeFile.Mode(git_filemode_t(rawValue: unsafe entry.pointee.mode)),
                oid: BlobID(unsafe entry.pointee.id))
            files.append(
                IndexFile(
                    file: file,
                    isLeftOut: extended & GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue != 0))
        }
        return files
    }

    private func sparseIndex(_ cause: AssayError) -> AssayError {
        AssayError(
            .unsupported, "the index of \(gitDirectory) is one that libgit2 cannot read",
            hint: "if it is a sparse index, make it whole with "
                + "`git sparse-checkout init --no-sparse-index`", cause: cause)
    }
}
