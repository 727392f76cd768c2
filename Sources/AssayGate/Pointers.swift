import AssayCore

/// Patterns of JSON Pointers in which `*` stands for any one key or index.
enum Pointers {
    /// Whether `pattern` names `pointer` or a place above it.
    static func covers(_ pattern: String, _ pointer: String) -> Bool {
        guard let pattern = JSONPointer.tokens(pattern), let pointer = JSONPointer.tokens(pointer)
        else { return false }
        return pattern.count <= pointer.count && agree(pattern, pointer)
    }

    /// Whether a difference at `path` touches what `pattern` names: it is there, beneath, or
    /// above, as when a whole object is gone.
    static func touches(_ pattern: String, _ path: String) -> Bool {
        guard let pattern = JSONPointer.tokens(pattern), let path = JSONPointer.tokens(path)
        else { return false }
        return agree(pattern, path)
    }

    /// Whether the tokens agree as far as both go.
    private static func agree(_ pattern: [String], _ pointer: [String]) -> Bool {
        zip(pattern, pointer).allSatisfy { $0 == "*" || $0 == $1 || $1 == "*" }
    }
}
