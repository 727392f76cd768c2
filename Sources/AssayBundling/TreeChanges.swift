import AssayCore
import AssayEnvironment
import AssayStore
import AssaySystem
import SystemPackage

/// How the files of a tree are not those that were laid out there.
public struct TreeChanges: Hashable, Sendable {
    /// The first file that was changed or is gone, or that was added so that Python loads it in place of
    /// one that belongs there, with what it is, as the end of a sentence; `nil` for none.
    public private(set) var fault: String?
    /// Files that were added and hide none, without bytecode in `__pycache__`; sorted by their paths.
    public private(set) var added: [String] = []

    /// A tree without changes.
    public init() {}

    /// Looks at a tree for files. Costs the status of every file in it, a listing of every directory and
    /// the target of every link.
    init(_ files: [FileEntry], in tree: FilePath) throws(AssayError) {
        var expected: [String: FileEntry] = [:]
        for file in files { expected[file.path] = file }
        var strange: [String] = []
        var changed: [String] = []
        try FileSystem.walk(beneath: tree, leavingOut: ["__pycache__"]) {
            (path, status) throws(AssayError) in
            if let file = expected.removeValue(forKey: path) {
                if try !Self.isIntact(status, as: file, in: tree) { changed.append(path) }
            } else {
                strange.append(path)
            }
        }
        // What a bundle itself has in `__pycache__` is left: it is rare, and looked at one by one.
        for (path, file) in expected {
            let status = try FileSystem.status(of: tree.appending(path))
            if try !Self.isIntact(status, as: file, in: tree) { changed.append(path) }
        }
        if let first = changed.min(by: RelativePath.precedes) {
            fault = "\(first) was changed"
            return
        }
        guard !strange.isEmpty else { return }
        let modules = PythonModules(files: files.map(\.path))
        for path in strange.sorted(by: RelativePath.precedes) {
            if let hidden = modules.hidden(by: path) {
                fault = fault ?? "\(path) was added, \(hidden)"
            } else {
                added.append(path)
            }
        }
    }

    /// Whether a file is as it was laid out, as far as its status tells; of a link its target.
    private static func isIntact(
        _ status: FileSystem.Status?, as file: FileEntry, in tree: FilePath
    ) throws(AssayError) -> Bool {
        guard file.mode == .symlink else { return FileCache.isIntact(status, as: file) }
        guard status?.kind == .symlink else { return false }
        return Digest(of: try FileSystem.target(of: tree.appending(file.path))) == file.digest
    }
}
