import AssayCore
import AssayEvidence

extension SplitMix64 {
    /// Starts the stream of a seed and a name, so that each exchange or arm has one of its own
    /// that does not depend on the order in which they come.
    init(seed: UInt64, name: String) {
        self.init(seed: seed ^ DifferenceGroups.rank(of: name))
    }
}
