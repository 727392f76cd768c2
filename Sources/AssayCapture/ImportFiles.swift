public import AssayCore
import AssaySystem
public import SystemPackage

/// Finds the files that whoever imports names: paths, directories, patterns and archives.
public enum ImportFiles {
    /// The files that `names` mean, in the order of the names and then of the paths.
    ///
    /// A directory means all files beneath it, a name with `*` or `?` in it those that match; `**`
    /// crosses names. Throws `.notFound` for a name that means nothing.
    public static func expand(_ names: [String]) throws(AssayError) -> [FilePath] {
        var files: [FilePath] = []
        for name in names {
            let path = FilePath(name)
            if let status = try FileSystem.status(of: path) {
                guard status.kind == .directory else {
                    files.append(path)
                    continue
                }
                let found = try beneath(path)
                guard !found.isEmpty else {
                    throw AssayError(.notFound, "there is no file beneath \(name)")
                }
                files += found
                continue
            }
            guard name.contains("*") || name.contains("?") else {
                throw AssayError(
                    .notFound, "there is no file \(name)", hint: "check the path")
            }
            let found = try matching(path)
            guard !found.isEmpty else {
                throw AssayError(
                    .notFound, "no file matches \(name)",
                    hint: "`*` stays within a name, `**` crosses names")
            }
            files += found
        }
        return files
    }

    /// The files that match a pattern, beneath the part of it that is plain.
    private static func matching(_ pattern: FilePath) throws(AssayError) -> [FilePath] {
        var base = FilePath()
        base.root = pattern.root
        for component in pattern.components {
            if component.string.contains("*") || component.string.contains("?") { break }
            base.append(component)
        }
        let start = base.isEmpty ? FilePath(".") : base
        guard try FileSystem.status(of: start)?.kind == .directory else { return [] }
        let glob = Glob(pattern.string)
        let dot = FilePath("./").string.count + 1
        return try beneath(start).compactMap { path in
            let text = base.isEmpty ? String(path.string.dropFirst(dot)) : path.string
            return glob.matches(text) ? FilePath(text) : nil
        }
    }

    private static func beneath(_ directory: FilePath) throws(AssayError) -> [FilePath] {
        var files: [FilePath] = []
        for name in try FileSystem.names(in: directory) {
            let path = directory.appending(name)
            switch try FileSystem.status(of: path)?.kind {
            case .directory: files += try beneath(path)
            case .file: files.append(path)
            default: break
            }
        }
        return files
    }
}
