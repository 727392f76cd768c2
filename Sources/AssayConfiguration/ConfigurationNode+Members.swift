public import AssayCore

extension ConfigurationNode {
    /// The entries of the mapping here, in the order in which they were written.
    public func entries() throws(AssayError) -> [Entry] {
        guard case .mapping(let entries) = content else { throw mismatch("a mapping") }
        return entries
    }

    /// This mapping, once every key of it is known to be one of `keys`.
    ///
    /// Throws at the first key that is not, and asks about the nearest that is.
    @discardableResult
    public func mapping(allowing keys: Set<String>) throws(AssayError) -> ConfigurationNode {
        for entry in try entries() where !keys.contains(entry.key) {
            let nearest = Suggestion.nearest(to: entry.key, among: keys)
            let known = keys.sorted().joined(separator: ", ")
            throw AssayError(
                .invalidDocument, "unknown key `\(entry.key)` in \(name)",
                hint: nearest.map { "did you mean `\($0)`?" } ?? "known keys: \(known)",
                at: entry.location)
        }
        return self
    }

    /// The value of `key`; throws where this is not a mapping that has it.
    public func member(_ key: String) throws(AssayError) -> ConfigurationNode {
        for entry in try entries() where entry.key == key { return entry.value }
        throw failure("\(name) has no `\(key)`, which is required")
    }

    /// The value of `key`; `nil` where this mapping has no such key. Throws where this is not a
    /// mapping.
    public func optional(_ key: String) throws(AssayError) -> ConfigurationNode? {
        for entry in try entries() where entry.key == key { return entry.value }
        return nil
    }
}
