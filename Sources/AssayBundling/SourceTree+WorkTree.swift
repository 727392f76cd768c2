import AssayCore
import AssayGit
import AssaySystem
import SystemPackage

extension SourceTree {
    /// The files of the work tree as they are: those git tracks and those it does not ignore, also
    /// those of submodules that were fetched.
    ///
    /// What a sparse checkout leaves out is taken as git has it staged.
    init(workTreeOf repository: Repository, directory: String) throws(AssayError) {
        let place = try Pinning.serviceDirectory(directory, repository)
        self.init(
            name: "the work tree",
            files: try Self.files(in: repository, directory: directory, place: place, depth: 0),
            repository: repository)
    }

    private static func files(
        in repository: Repository, directory: String, place: FilePath, depth: Int
    ) throws(AssayError) -> [String: File] {
        guard depth < 16 else {
            throw AssayError(.limit, "the submodules at \(place) are nested too deeply")
        }
        var files: [String: File] = [:]
        var paths: Set<String> = []
        for entry in try repository.filesInIndex() {
            guard let path = relative(entry.file.path, to: directory) else { continue }
            let full = place.appending(path)
            if entry.isLeftOut, !FileSystem.exists(full) {
                files[path] = File(mode: entry.file.mode, content: .git(entry.file.oid))
            } else if entry.file.mode == .submodule {
                let inner = try submodule(at: full, depth: depth)
                files[path] = inner == nil ? File(mode: .submodule, content: .disk(full)) : nil
                for (name, file) in inner ?? [:] { files["\(path)/\(name)"] = file }
            } else {
                paths.insert(path)
            }
        }
        for change in try repository.statusOfWorktree() where change.state == .untracked {
            if let path = relative(change.path, to: directory) { paths.insert(path) }
        }
        for path in paths {
            let full = place.appending(path)
            // A tracked file that was removed, or one in whose place others are now.
            guard let status = try FileSystem.status(of: full) else { continue }
            switch status.kind {
            case .file:
                let mode: TreeFile.Mode = status.mode & 0o100 != 0 ? .executable : .regular
                files[path] = File(mode: mode, content: .disk(full))
            case .symlink: files[path] = File(mode: .symlink, content: .disk(full))
            case .directory, .other: continue
            }
        }
        return files
    }

    /// The files of a submodule's own work tree; `nil` if it was not fetched.
    private static func submodule(
        at place: FilePath, depth: Int
    ) throws(AssayError) -> [String: File]? {
        guard FileSystem.exists(place.appending(".git")) else { return nil }
        let repository = try Repository.discover(from: place)
        let files = try files(in: repository, directory: "", place: place, depth: depth + 1)
        // Another repository's objects are not ours to read by name.
        for (path, file) in files {
            guard case .git = file.content else { continue }
            throw AssayError(
                .unsupported,
                "the submodule at \(place) is checked out sparsely, without \(path)",
                hint: "check it out whole with `git -C \(place) sparse-checkout disable`")
        }
        return files
    }
}

extension Pinning {
    /// The paths that git tracks beneath a directory, relative to it: those of its index.
    static func pathsInGit(
        _ directory: String, _ repository: Repository
    ) throws(AssayError) -> Set<String> {
        let files = try repository.filesInIndex()
        return Set(files.compactMap { SourceTree.relative($0.file.path, to: directory) })
    }
}
