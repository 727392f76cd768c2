import AssayCore
import AssayGit
import AssaySystem
import Glibc
import SystemPackage

extension SourceTree {
    /// The files of the work tree as they are: those git tracks and those it does not ignore.
    init(workTreeOf repository: Repository, directory: String) throws(AssayError) {
        name = "the work tree"
        self.repository = repository
        let place = try Pinning.serviceDirectory(directory, repository)
        var paths = try Pinning.pathsInGit(directory, repository)
        for change in try repository.statusOfWorktree() where change.state == .untracked {
            if let path = Self.relative(change.path, to: directory) { paths.insert(path) }
        }
        var files: [String: File] = [:]
        for path in paths {
            let full = place.appending(path)
            // A tracked file that was removed, or a submodule, which is a directory here.
            guard let status = try FileSystem.status(of: full) else { continue }
            let mode: TreeFile.Mode
            switch status.kind {
            case .file: mode = status.mode & 0o100 != 0 ? .executable : .regular
            case .symlink: mode = .symlink
            case .directory: mode = .submodule
            case .other: continue
            }
            files[path] = File(mode: mode, content: .disk(full))
        }
        self.files = files
    }
}

extension Pinning {
    /// The paths that git tracks beneath a directory, relative to it: those of its index.
    static func pathsInGit(
        _ directory: String, _ repository: Repository
    ) throws(AssayError) -> Set<String> {
        let paths = try repository.pathsInIndex()
        return Set(paths.compactMap { SourceTree.relative($0, to: directory) })
    }
}
