public import AssayCore
import AssayGit
public import AssayStore

extension BundleDiff {
    /// Larger files of code are left out of a patch.
    private static let maximumPatched = 16 << 20

    /// The patch of the code and of the feature configuration, from the first bundle to the second, as
    /// `git diff` writes it.
    ///
    /// It comes from what the bundles hold, so that no commit needs to be there. Throws what reading
    /// a blob throws.
    public func patch(store: Store) throws(AssayError) -> String {
        let comparison = BundleComparison(old: old, new: new, store: store, depth: .brief)
        var text = ""
        for component in ["code", "features"] {
            for pair in comparison.differingFiles(of: component) {
                guard max(pair.old?.size ?? 0, pair.new?.size ?? 0) <= Self.maximumPatched else {
                    text += "file \(pair.path) is too large for a patch: "
                    text += "\(comparison.describe(pair))\n"
                    continue
                }
                let before = try pair.old.map { file throws(AssayError) in
                    try store.contents(of: file)
                }
                let after = try pair.new.map { file throws(AssayError) in
                    try store.contents(of: file)
                }
                text += try TextPatch.unified(before, after, path: pair.path)
            }
        }
        return text
    }
}
