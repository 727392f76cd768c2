public import AssayCore
import CLibgit2
import SystemPackage

extension Repository {
    /// Writes a commit whose tree is `base` with some files put in or replaced, without a work tree.
    ///
    /// `files` maps paths with `/` between names to contents. No reference is moved. Throws what
    /// libgit2 says; objects that were written by then do no harm.
    public func writeCommit(
        files: [String: [UInt8]], onto base: CommitID?, message: String, author: Signature
    ) throws(AssayError) -> CommitID {
        var update: [git_tree_update] = []
        var names: [UnsafeMutablePointer<CChar>] = unsafe []
        defer { unsafe names.forEach { unsafe $0.deallocate() } }
        for path in files.keys.sorted() {
            var item = unsafe git_tree_update()
            unsafe item.action = GIT_TREE_UPDATE_UPSERT
            unsafe item.id = try writeBlob(files[path] ?? [])
            unsafe item.filemode = GIT_FILEMODE_BLOB
            let name = unsafe Self.cString(path)
            unsafe names.append(name)
            unsafe item.path = unsafe UnsafePointer(name)
            unsafe update.append(item)
        }
        var treeID = git_oid()
        let baseTree: OpaquePointer?
        if let base {
            unsafe baseTree = try treePointer(base)
        } else {
            unsafe baseTree = try emptyTree()
        }
        defer { unsafe git_tree_free(baseTree) }
        try GitStatus.check(
            unsafe git_tree_create_updated(
                &treeID, handle.pointer, baseTree, update.count, &update),
            "could not write a tree")
        return try commit(tree: treeID, parent: base, message: message, author: author)
    }

    private func commit(
        tree: git_oid, parent: CommitID?, message: String, author: Signature
    ) throws(AssayError) -> CommitID {
        var treeID = tree
        var treePointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_tree_lookup(&treePointer, handle.pointer, &treeID),
            "could not read the new tree")
        defer { unsafe git_tree_free(treePointer) }
        var signature: UnsafeMutablePointer<git_signature>?
        try GitStatus.check(
            unsafe git_signature_new(&signature, author.name, author.email, author.time, 0),
            "could not use \(author.name) <\(author.email)> as an author")
        defer { unsafe git_signature_free(signature) }
        var parents: [OpaquePointer?] = []
        if let parent { unsafe parents.append(try commitPointer(parent)) }
        defer { unsafe parents.forEach { unsafe git_commit_free($0) } }
        var oid = git_oid()
        try GitStatus.check(
            unsafe git_commit_create(
                &oid, handle.pointer, nil, signature, signature, "UTF-8", message, treePointer,
                parents.count, &parents),
            "could not write a commit")
        return CommitID(oid)
    }

    private func writeBlob(_ bytes: [UInt8]) throws(AssayError) -> git_oid {
        var oid = git_oid()
        let status = unsafe bytes.withUnsafeBytes { buffer in
            unsafe git_blob_create_from_buffer(
                &oid, handle.pointer, buffer.baseAddress, buffer.count)
        }
        try GitStatus.check(status, "could not write a blob")
        return oid
    }

    private func commitPointer(_ commit: CommitID) throws(AssayError) -> OpaquePointer? {
        var oid = commit.object.raw
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_commit_lookup(&pointer, handle.pointer, &oid),
            "could not read commit \(commit)")
        return unsafe pointer
    }

    private func treePointer(_ commit: CommitID) throws(AssayError) -> OpaquePointer? {
        let owned = try lookUp(commit)
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_commit_tree(&pointer, owned.pointer), "could not read the tree of \(commit)")
        return unsafe pointer
    }

    private func emptyTree() throws(AssayError) -> OpaquePointer? {
        var builder: OpaquePointer?
        try GitStatus.check(
            unsafe git_treebuilder_new(&builder, handle.pointer, nil), "could not start a tree")
        defer { unsafe git_treebuilder_free(builder) }
        var oid = git_oid()
        try GitStatus.check(unsafe git_treebuilder_write(&oid, builder), "could not write a tree")
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_tree_lookup(&pointer, handle.pointer, &oid), "could not read a tree")
        return unsafe pointer
    }

    private static func cString(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        unsafe copy.initialize(from: bytes, count: bytes.count)
        return unsafe copy
    }
}
