import CFastCDC

/// Content-defined cuts: FastCDC 2020 (Xia et al., "The Design of Fast Content-Defined Chunking for
/// Data Deduplication Based Storage Systems", IEEE TPDS 31(9), 2020) at normalisation level 2, with
/// the Gear values and masks that other implementations use, so that their test vectors hold.
///
/// A cut depends on the bytes since the cut before only, so that an edit moves the cuts near it
/// and none further on.
struct FastCDC: Hashable, Sendable {
    /// No segment but the last is shorter than `minimum`, none is longer than `maximum`.
    let minimum: Int, average: Int, maximum: Int

    /// Cuts with these sizes; `average` is a power of two from 128 to 64 MiB.
    init(minimum: Int, average: Int, maximum: Int) {
        precondition(
            average.nonzeroBitCount == 1 && (7...26).contains(average.trailingZeroBitCount))
        precondition(minimum <= average && average <= maximum)
        self.minimum = minimum
        self.average = average
        self.maximum = maximum
    }

    /// Cuts around an average: a quarter of it at least, four times as much at most.
    init(average: Int) {
        self.init(minimum: average / 4, average: average, maximum: average * 4)
    }

    /// Harder to meet than one in `average`, before a segment has that size.
    private var early: UInt64 { Self.masks[average.trailingZeroBitCount + Self.level] }
    /// Easier to meet, behind it.
    private var late: UInt64 { Self.masks[average.trailingZeroBitCount - Self.level] }

    private static let level = 2

    /// Masks by their number of bits. Up to 25 they are those of the authors' implementation; each
    /// of the last three adds one bit to the one before.
    static let masks: [UInt64] = [
        0, 0, 0, 0, 0, 0x1804110, 0x1803110, 0x1803_5100, 0x18_0003_5300, 0x190_0035_3000,
        0x5900_0353_0000, 0xD900_0353_0000, 0xD901_0353_0000, 0xD903_0353_0000, 0xD903_1353_0000,
        0xD90F_0353_0000, 0xD903_0353_7000, 0xD907_0353_7000, 0xD907_0753_7000, 0xD917_0753_7000,
        0xD917_4753_7000, 0xD917_6753_7000, 0xD937_6753_7000, 0xD937_7753_7000, 0xD937_7757_7000,
        0xDB37_7757_7000, 0xDB77_7757_7000, 0xDB77_7777_7000, 0xDF77_7777_7000,
    ]

    /// How far one segment has come.
    struct Progress {
        /// The bytes seen of this segment, and all there will be from its start to the end.
        private(set) var position = 0
        private let remaining: Int
        private var hash: UInt64 = 0

        init(remaining: Int) {
            self.remaining = remaining
        }

        /// Takes bytes until the segment ends; gives how many belong to it and whether it ends there.
        mutating func advance(
            over bytes: UnsafeRawBufferPointer, with cuts: FastCDC
        ) -> (count: Int, ends: Bool) {
            let end = min(remaining, cuts.maximum)
            // The authors roll two bytes a step, so that a last odd byte is not looked at.
            let whole = remaining <= cuts.minimum ? 0 : end & ~1
            let center = min(cuts.average, end) & ~1
            var count = 0
            while count < bytes.count, position < end {
                let limit: Int
                let mask: UInt64
                if position < min(cuts.minimum & ~1, whole) {
                    (limit, mask) = (min(cuts.minimum & ~1, whole), 0)
                } else if position < min(center, whole) {
                    (limit, mask) = (min(center, whole), cuts.early)
                } else if position < whole {
                    (limit, mask) = (whole, cuts.late)
                } else {
                    (limit, mask) = (end, 0)
                }
                let stretch = min(limit - position, bytes.count - count)
                var step = stretch
                if mask != 0 {
                    let start = unsafe bytes.baseAddress?.advanced(by: count)
                    step = unsafe assay_fastcdc_scan(
                        &hash, start?.assumingMemoryBound(to: UInt8.self), stretch, mask)
                }
                position += step
                count += step
                if step < stretch { return (count, true) }
            }
            return (count, position == end)
        }
    }
}
