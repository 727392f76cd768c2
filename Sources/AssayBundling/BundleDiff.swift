public import AssayCore
import AssayInspection
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

    /// How much is read to compare.
    public enum Depth: Hashable, Sendable {
        /// No table, and nothing above 64 MiB: what a line for each component needs.
        case brief
        /// Everything that differs and is understood.
        case full
    }

    /// Compares two bundles.
    ///
    /// Costs reading the locks, and the settings, tables and models that differ, as far as `depth`
    /// goes; files that are equal are not read. Tables and tensors are read in flat memory, from
    /// copies in the store's cache that are gone afterwards. Throws what reading a blob throws, and
    /// `.damaged` for a table or a model that is not what it begins as.
    public init(
        _ old: Bundle, _ new: Bundle, store: Store, depth: Depth = .brief
    ) throws(AssayError) {
        self.old = old
        self.new = new
        let comparison = BundleComparison(old: old, new: new, store: store, depth: depth)
        var changes: [ComponentChange] = []
        changes += try comparison.code()
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
                    .object(present: [
                        "component": .string(change.component), "name": .string(change.name),
                        "kind": .string(change.kind.rawValue),
                        "summary": .string(change.summary), "details": JSONValue(change.details),
                        "compared_as": change.contents.map { .string($0.kind.rawValue) },
                        "contents": change.contents.map(\.document),
                    ])
                }),
        ]
    }
}
