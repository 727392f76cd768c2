import AssayArchive
import Glibc

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
        var start = path.utf8.startIndex
        while true {
            let end = path.utf8[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.utf8.endIndex
            // Only an empty name or one that begins with a dot can be wrong.
            if start == end || path.utf8[start] == UInt8(ascii: ".") {
                switch path[start..<end] {
                case "": return "has an empty name in it"
                case ".": return "has a `.` in it; leave it out"
                case "..": return "leads out with `..`"
                case ".git", ".assay": return "leads into \(path[start..<end])"
                default: break
                }
            }
            guard end < path.utf8.endIndex else { return nil }
            start = path.utf8.index(after: end)
        }
    }

    /// Why a symlink at `path` with this target must not be in a bundle; `nil` if it may be.
    static func fault(inLinkAt path: String, target: String) -> String? {
        switch LinkFault(at: path, target: target) {
        case nil: nil
        case .empty: "leads nowhere: it has no target"
        case .absolute: "leads to the absolute path `\(target)`"
        case .control: "has a control character in its target"
        case .outside: "leads out of the service's directory, to `\(target)`"
        }
    }

    /// Whether `path` is `directory` itself or lies beneath it.
    static func isWithin(_ path: String, _ directory: String) -> Bool {
        guard !directory.isEmpty else { return true }
        var rest = path.utf8[...]
        guard rest.starts(with: directory.utf8) else { return false }
        rest = rest.dropFirst(directory.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }

    /// Orders paths by their bytes, as everything hashed is.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let order = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right -> Bool in
                let common = min(left.count, right.count)
                guard common > 0, let first = left.baseAddress,
                    let second = right.baseAddress
                else { return left.count < right.count }
                let difference = unsafe memcmp(first, second, common)
                return difference != 0 ? difference < 0 : left.count < right.count
            }
        }
        return order.flatMap { $0 } ?? left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
