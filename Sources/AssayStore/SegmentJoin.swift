import AssayCore

/// Fits an artifact of many segments into the layers of a manifest: runs of segments become one.
///
/// Where a run ends is decided by the digests, so that an edit changes the runs near it only. The
/// rule stands in Documentation/FORMAT.md.
enum SegmentJoin {
    /// The runs of these segments, at most `maximum`, in order; each segment alone if that fits.
    ///
    /// A run ends behind a segment whose digest ends in `bits` zeros, and after `2^(bits + 2)`
    /// segments; `bits` is the smallest that gives few enough.
    static func runs(_ digests: [Digest], maximum: Int) -> [Range<Int>] {
        precondition(maximum > 0)
        if digests.count <= maximum { return digests.indices.map { $0..<$0 + 1 } }
        let tails = digests.map { digest in
            digest.bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        var bits: UInt64 = 1
        while true {
            let runs = runs(tails, bits: bits)
            if runs.count <= maximum { return runs }
            bits += 1
        }
    }

    private static func runs(_ tails: [UInt64], bits: UInt64) -> [Range<Int>] {
        let mask = (UInt64(1) << bits) - 1
        var runs: [Range<Int>] = []
        var start = 0
        for (index, tail) in tails.enumerated()
        where tail & mask == 0 || index + 1 - start == 4 << bits || index + 1 == tails.count {
            runs.append(start..<index + 1)
            start = index + 1
        }
        return runs
    }
}
