/// Paths inside a service's directory, as `assay.yaml`, `assay.lock` and bundles name them.
enum RelativePath {
    /// What is wrong with `path` as a path inside a directory; `nil` if nothing is.
    ///
    /// Such a path is relative, has no empty, `.` or `..` names and no control characters, and
    /// leads into neither git's nor Assay's own directory.
    static func fault(in path: String) -> String? {
        if path.isEmpty { return "is empty" }
        if path.hasPrefix("/") { return "is absolute; name it from the directory of assay.yaml" }
        if path.utf8.count > 4096 { return "is longer than 4096 bytes" }
        if path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            return "has a control character in it"
        }
        for name in path.split(separator: "/", omittingEmptySubsequences: false) {
            switch name {
            case "": return "has an empty name in it"
            case ".": return "has a `.` in it; leave it out"
            case "..": return "leads out with `..`"
            case ".git", ".assay": return "leads into \(name)"
            default: break
            }
        }
        return nil
    }

    /// Why a symlink at `path` with this target must not be in a bundle; `nil` if it may be.
    static func fault(inLinkAt path: String, target: String) -> String? {
        if target.isEmpty || target.hasPrefix("/") {
            return "leads to the absolute path `\(target)`"
        }
        if target.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            return "has a control character in its target"
        }
        var depth = path.split(separator: "/").count - 1
        for name in target.split(separator: "/") {
            switch name {
            case ".": break
            case "..": depth -= 1
            default: depth += 1
            }
            if depth < 0 { return "leads out of the service's directory, to `\(target)`" }
        }
        return nil
    }

    /// Whether `path` is `directory` itself or lies beneath it.
    static func isWithin(_ path: String, _ directory: String) -> Bool {
        directory.isEmpty || path == directory || path.hasPrefix(directory + "/")
    }

    /// Orders paths by their bytes, as everything hashed is.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
