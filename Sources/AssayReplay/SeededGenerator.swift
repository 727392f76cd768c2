import AssayEvidence

/// SplitMix64 (Steele, Lea, Flood 2014): a small generator whose stream is fixed by its seed.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the stream of a seed.
    public init(seed: UInt64) {
        state = seed
    }

    /// Starts the stream of a seed and a name, so that each exchange or arm has one of its own
    /// that does not depend on the order in which they come.
    public init(seed: UInt64, name: String) {
        state = seed ^ DifferenceGroups.rank(of: name)
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
