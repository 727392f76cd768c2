public import AssayCore
import CLibgit2

extension Repository {
    /// The paths that the index holds: what git tracks here, committed or not. Looks at no file.
    public func pathsInIndex() throws(AssayError) -> [String] {
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_repository_index(&pointer, handle.pointer), "could not open the index")
        guard let pointer = unsafe pointer else { return [] }
        let index = unsafe GitHandle(pointer, free: git_index_free)
        var paths: [String] = []
        for place in 0..<(unsafe git_index_entrycount(index.pointer)) {
            guard let entry = unsafe git_index_get_byindex(index.pointer, place),
                let path = unsafe entry.pointee.path
            else { continue }
            paths.append(unsafe String(cString: path))
        }
        return paths
    }
}
