import AssayCore

/// A model of decision trees.
struct TreeEnsemble {
    /// The format, for people.
    let format: String
    /// What else the file says: objective, features, parameters.
    var facts: [String: String]
    /// The trees, in their order.
    var trees: [Tree]

    /// One tree.
    struct Tree: Hashable {
        /// Stands for its splits: features, thresholds, children.
        let structure: UInt64
        /// The values of its leaves, in the order of the file.
        let leaves: [Double]
    }
}
