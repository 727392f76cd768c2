/// A path pattern of the configuration files: `*` within a name, `**` across names, `?` one byte.
public struct Glob: Hashable, Sendable, CustomStringConvertible {
    private let pattern: [UInt8]

    /// Makes a pattern; it is matched against whole relative paths with `/` between names.
    public init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
    }

    public var description: String { String(decoding: pattern, as: UTF8.self) }

    /// Whether `path` matches. `a/**` matches everything beneath `a`; `**/x` also matches `x`.
    public func matches(_ path: String) -> Bool {
        Self.matches(pattern[...], Array(path.utf8)[...])
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var path = path
        // The places to go back to when a star has to take one byte more.
        var retry: (pattern: ArraySlice<UInt8>, path: ArraySlice<UInt8>, crosses: Bool)?
        var outer: (pattern: ArraySlice<UInt8>, path: ArraySlice<UInt8>, crosses: Bool)?
        while true {
            if let byte = pattern.first, byte == UInt8(ascii: "*") {
                if pattern.dropFirst().first == byte {
                    pattern = pattern.dropFirst(2)
                    if pattern.first == UInt8(ascii: "/") {
                        // `**/` stands for zero or more whole names.
                        let rest = pattern.dropFirst()
                        return matchesAtNames(rest, path)
                    }
                    retry = (pattern, path, true)
                    outer = retry
                } else {
                    pattern = pattern.dropFirst()
                    retry = (pattern, path, false)
                }
                continue
            }
            if let byte = path.first, let wanted = pattern.first,
                wanted == byte || (wanted == UInt8(ascii: "?") && byte != UInt8(ascii: "/"))
            {
                pattern = pattern.dropFirst()
                path = path.dropFirst()
                continue
            }
            if pattern.isEmpty && path.isEmpty { return true }
            if let again = retry, let byte = again.path.first,
                again.crosses || byte != UInt8(ascii: "/")
            {
                retry = (again.pattern, again.path.dropFirst(), again.crosses)
                (pattern, path) = (again.pattern, again.path.dropFirst())
            } else if let again = outer, !again.path.isEmpty {
                outer = (again.pattern, again.path.dropFirst(), true)
                retry = outer
                (pattern, path) = (again.pattern, again.path.dropFirst())
            } else {
                return false
            }
        }
    }

    private static func matchesAtNames(
        _ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>
    ) -> Bool {
        var path = path
        while true {
            if matches(pattern, path) { return true }
            guard let slash = path.firstIndex(of: UInt8(ascii: "/")) else { return false }
            path = path[(slash + 1)...]
        }
    }
}
