import AssayCore

/// Blackman and Vigna's xoshiro256**: the generator of every bootstrap here.
///
/// Written out, not the system's, so that a seed gives the same numbers on every machine.
/// Source: https://prng.di.unimi.it/xoshiro256starstar.c (public domain).
public struct Xoshiro256: RandomNumberGenerator, Hashable, Sendable {
    private var state0, state1, state2, state3: UInt64

    /// Starts at a seed, spread over the state by SplitMix64.
    public init(seed: UInt64) {
        var source = SplitMix64(seed: seed)
        state0 = source.next()
        state1 = source.next()
        state2 = source.next()
        state3 = source.next()
    }

    /// Gives the next 64 bits.
    public mutating func next() -> UInt64 {
        let product = state1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state1 << 17
        state2 ^= state0
        state3 ^= state1
        state1 ^= state2
        state0 ^= state3
        state2 ^= shifted
        state3 = state3 << 45 | state3 >> 19
        return result
    }

    /// A number from 0 up to, but not including, 1.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number below `count`, which must be positive. Lemire's multiplication; its bias is
    /// below count/2⁶⁴.
    public mutating func below(_ count: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
    }
}
