import AssayEvidence

extension Evidence {
    /// The facts that the environments of two arms do not share: key, old and new, sorted by key;
    /// `nil` where one of the two arms was not probed.
    func environmentDifferences(
        _ old: String = "baseline", _ new: String = "candidate"
    ) -> [(key: String, old: String?, new: String?)]? {
        guard let left = arms.first(where: { $0.name == old })?.environment, !left.isEmpty,
            let right = arms.first(where: { $0.name == new })?.environment, !right.isEmpty
        else { return nil }
        return Set(left.keys).union(right.keys).sorted().compactMap { key in
            left[key] == right[key] ? nil : (key, left[key], right[key])
        }
    }
}
