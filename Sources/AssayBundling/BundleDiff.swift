public import AssayCore
public import AssayStore

/// What differs between two bundles, component by component.
public struct BundleDiff: Sendable {
    /// The two bundles.
    public let old: Bundle, new: Bundle
    /// Every difference, by component in the order of `BundleConfig.componentNames`, then by name.
    public let changes: [ComponentChange]

    /// The names of the components that differ.
    public var changed: Set<String> {
        Set(
            BundleConfig.componentNames.filter {
                old.config.digest(of: $0) != new.config.digest(of: $0)
            })
    }

    /// The names of the components that are equal.
    public var unchanged: Set<String> { Set(BundleConfig.componentNames).subtracting(changed) }

    /// Compares two bundles.
    ///
    /// Costs reading the locks, the feature configuration and the models' text forms that differ;
    /// files that are equal, and contents that only their digests describe, are not read. Throws
    /// what reading a blob throws.
    public init(_ old: Bundle, _ new: Bundle, store: Store) throws(AssayError) {
        self.old = old
        self.new = new
        let comparison = BundleComparison(old: old, new: new, store: store)
        var changes: [ComponentChange] = []
        changes += comparison.code()
        changes += try comparison.items(\.data, component: "data")
        changes += try comparison.features()
        changes += try comparison.items(\.weights, component: "weights")
        changes += try comparison.environment()
        changes += comparison.serve()
        self.changes = changes
    }

    /// The difference as a JSON document for programs.
    public var json: JSONValue {
        [
            "schema": "assay/bundle-diff/v1", "old": JSONValue(old.id), "new": JSONValue(new.id),
            "changed": JSONValue(changed.sorted()), "unchanged": JSONValue(unchanged.sorted()),
            "changes": .array(
                changes.map { change in
                    [
                        "component": .string(change.component), "name": .string(change.name),
                        "kind": .string(change.kind.rawValue),
                        "summary": .string(change.summary), "details": JSONValue(change.details),
                    ]
                }),
        ]
    }
}
