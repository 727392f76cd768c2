/// Why a symlink in a tree that comes from elsewhere must not be made.
public enum LinkFault: Hashable, Sendable {
    /// It has no target.
    case empty
    /// Its target begins at the root.
    case absolute
    /// Its target has a control character.
    case control
    /// Its target lies above the tree.
    case outside

    /// What is wrong with a symlink at `path`, relative to the tree's top; `nil` if it stays inside.
    ///
    /// Goes by the names alone: a link that another link leads out with is not seen.
    public init?(at path: String, target: String) {
        if target.isEmpty {
            self = .empty
        } else if target.hasPrefix("/") {
            self = .absolute
        } else if target.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            self = .control
        } else if Self.leadsOut(from: path, to: target) {
            self = .outside
        } else {
            return nil
        }
    }

    private static func leadsOut(from path: String, to target: String) -> Bool {
        var depth = path.split(separator: "/").count - 1
        for name in target.split(separator: "/") {
            switch name {
            case ".": break
            case "..": depth -= 1
            default: depth += 1
            }
            if depth < 0 { return true }
        }
        return false
    }
}
