import AssayBundling
import AssayStore

/// What a candidate changes against a baseline, as the judge takes it.
struct BundleChanges {
    /// The components that differ in more than the form of a feature file; none without a baseline.
    let changed: Set<String>
    /// A line on how, for each of them.
    let lines: [String: String]

    init(_ baseline: Bundle?, _ candidate: Bundle, store: Store) throws {
        guard let baseline else {
            changed = []
            lines = [:]
            return
        }
        let diff = try BundleDiff(baseline, candidate, store: store)
        var lines: [String: String] = [:]
        for change in diff.changes {
            lines[change.component] =
                lines[change.component].map { "\($0); \(change.summary)" } ?? change.summary
        }
        changed = Set(diff.changes.filter { !$0.isFormal }.map(\.component))
        self.lines = lines
    }
}
