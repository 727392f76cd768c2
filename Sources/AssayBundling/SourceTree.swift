import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Glibc
import SystemPackage

/// The files a bundle is built from: those of one commit, or those of the work tree, beneath the
/// directory of `assay.yaml`.
struct SourceTree {
    /// What it is, for messages: `commit 0123456789ab`, `the work tree`.
    let name: String
    /// The files by path, relative to the directory.
    let files: [String: File]
    let repository: Repository

    /// One file.
    struct File {
        let mode: TreeFile.Mode
        let content: Content

        enum Content {
            case git(BlobID)
            /// A file of a submodule, in its own repository.
            case submodule(BlobID, Submodule)
            case disk(FilePath)
        }
    }

    /// All paths, sorted by their bytes.
    var paths: [String] { files.keys.sorted(by: RelativePath.precedes) }

    init(name: String, files: [String: File], repository: Repository) {
        self.name = name
        self.files = files
        self.repository = repository
    }

    /// The files of a commit.
    init(commit: CommitID, directory: String, repository: Repository) throws(AssayError) {
        name = "commit \(commit.short)"
        self.repository = repository
        var files: [String: File] = [:]
        for file in try repository.files(at: commit) {
            guard let path = Self.relative(file.path, to: directory) else { continue }
            files[path] = File(mode: file.mode, content: .git(file.oid))
            guard let commit = file.submoduleCommit,
                let module = try Submodule.open(file.path, commit: commit, in: repository)
            else { continue }
            files[path] = nil
            for inner in try module.repository.files(at: commit) {
                files["\(path)/\(inner.path)"] = File(
                    mode: inner.mode, content: .submodule(inner.oid, module))
            }
        }
        self.files = files
    }

    static func relative(_ path: String, to directory: String) -> String? {
        if directory.isEmpty { return path }
        guard path.hasPrefix(directory + "/") else { return nil }
        return String(path.dropFirst(directory.count + 1))
    }

    /// The bytes of a file, the target of a symlink; `nil` if there is none.
    func read(_ path: String, limit: Int = 1 << 30) throws(AssayError) -> [UInt8]? {
        guard let file = files[path] else { return nil }
        switch file.content {
        case .git(let blob): return try contents(of: blob, path, in: repository, limit)
        case .submodule(let blob, let module):
            return try contents(of: blob, path, in: module.repository, limit)
        case .disk(let place):
            if file.mode == .symlink { return try FileSystem.target(of: place) }
            return try FileSystem.read(place, limit: limit)
        }
    }

    private func contents(
        of blob: BlobID, _ path: String, in repository: Repository, _ limit: Int
    ) throws(AssayError) -> [UInt8] {
        do throws(AssayError) {
            return try repository.contents(of: blob, limit: limit)
        } catch  where error.code == .notFound {
            throw AssayError(
                .notFound, "could not read \(path) of \(name): \(error.message)",
                hint: error.hint)
        }
    }

    /// The paths that are `path` itself or lie beneath it, sorted.
    func paths(within path: String) -> [String] {
        files.keys.filter { RelativePath.isWithin($0, path) }.sorted(by: RelativePath.precedes)
    }
}

extension SourceTree.File {
    typealias Mode = TreeFile.Mode
}

extension TreeFile.Mode {
    /// The mode in a bundle: nothing of it comes from a umask.
    var fileMode: AssayStore.FileMode {
        switch self {
        case .executable: .executable
        case .symlink: .symlink
        default: .regular
        }
    }
}
