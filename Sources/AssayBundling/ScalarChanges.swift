/// Differences of two maps of texts, as lines for people, sorted by key.
enum ScalarChanges {
    /// `key: old → new`, `key: added, new`, `key: removed, was old`.
    static func lines(_ old: [String: String], _ new: [String: String]) -> [String] {
        Set(old.keys).union(new.keys).sorted(by: RelativePath.precedes).compactMap { key in
            switch (old[key], new[key]) {
            case (let before?, let after?): before == after ? nil : "\(key): \(before) → \(after)"
            case (nil, let after?): "\(key): added, \(after)"
            case (let before?, nil): "\(key): removed, was \(before)"
            case (nil, nil): nil
            }
        }
    }
}
