public import AssayCore
import CLibgit2
public import SystemPackage

/// A git repository, read and written through libgit2.
///
/// Not for use from two threads at once; open one for each.
public final class Repository {
    let handle: GitHandle

    /// The top of the work tree; `nil` for a bare repository.
    public let workTree: FilePath?
    /// The git directory of this work tree.
    public let gitDirectory: FilePath
    /// The git directory that linked work trees share.
    public let commonDirectory: FilePath

    private init(_ handle: consuming GitHandle) {
        workTree = unsafe git_repository_workdir(handle.pointer).map {
            Self.path(unsafe String(cString: $0))
        }
        gitDirectory =
            unsafe git_repository_path(handle.pointer).map { Self.path(unsafe String(cString: $0)) }
            ?? FilePath(".git")
        commonDirectory =
            unsafe git_repository_commondir(handle.pointer)
            .map { Self.path(unsafe String(cString: $0)) } ?? FilePath(".git")
        self.handle = handle
    }

    /// Opens the repository around a directory.
    ///
    /// Throws `.repository` where there is none, and for one that libgit2 cannot read (SHA-256
    /// object names, say), with the reason in words.
    public static func discover(from directory: FilePath) throws(AssayError) -> Repository {
        try LibraryState.start()
        var pointer: OpaquePointer?
        let status = unsafe git_repository_open_ext(&pointer, directory.string, 0, nil)
        guard status == 0, let pointer = unsafe pointer else {
            let error = GitStatus.error(status, "could not open the repository around \(directory)")
            if error.code == .notFound {
                throw AssayError(
                    .repository, "\(directory) is not inside a git repository",
                    hint: "go to the service's repository, or make one with `git init`")
            }
            if error.message.contains("objectformat") || error.message.contains("sha256") {
                throw AssayError(
                    .unsupported,
                    "the repository around \(directory) uses SHA-256 object names, which "
                        + "this version cannot read",
                    hint: "use a repository with SHA-1 object names")
            }
            throw error
        }
        let handle = unsafe GitHandle(pointer, free: git_repository_free)
        return Repository(handle)
    }

    /// Opens the very repository whose git directory this is: that of a submodule, say.
    ///
    /// Throws `.notFound` if there is none.
    public static func open(gitDirectory: FilePath) throws(AssayError) -> Repository {
        try LibraryState.start()
        var pointer: OpaquePointer?
        let status = unsafe git_repository_open_bare(&pointer, gitDirectory.string)
        guard status == 0, let pointer = unsafe pointer else {
            throw GitStatus.error(status, "could not open the repository \(gitDirectory)")
        }
        return Repository(unsafe GitHandle(pointer, free: git_repository_free))
    }

    private static func path(_ text: String) -> FilePath {
        FilePath(text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text)
    }
}

/// Starts libgit2 once for the process.
enum LibraryState {
    static let status: Int32 = {
        let count = git_libgit2_init()
        guard count >= 0 else { return count }
        return unsafe "worktreeconfig".withCString { first in
            unsafe "partialclone".withCString { second in
                var names: [UnsafePointer<CChar>?] = unsafe [first, second]
                return unsafe assay_git_allow_extensions(&names, 2)
            }
        }
    }()

    static func start() throws(AssayError) {
        try GitStatus.check(status, "could not start libgit2")
    }
}
