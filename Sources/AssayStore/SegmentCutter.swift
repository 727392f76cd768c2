/// Where content is cut into segments.
enum SegmentCuts: Hashable, Sendable {
    /// By content.
    case content(FastCDC)
    /// At these offsets, which grow; the last one is the size.
    case places([Int])
}

/// Walks over content piece by piece and says where each segment ends.
///
/// It holds a few words whatever the size, except for given places. The pieces have no part in the
/// outcome: only the content and its whole size have.
struct SegmentCutter {
    private let cuts: SegmentCuts
    private let size: Int
    private var start = 0, position = 0
    private var progress: FastCDC.Progress
    private var place = 0

    /// Cuts content of `size` bytes.
    init(_ cuts: SegmentCuts, size: Int) {
        self.cuts = cuts
        self.size = size
        progress = FastCDC.Progress(remaining: size)
    }

    /// Takes bytes up to the end of the segment; gives how many belong to it and whether it ends
    /// there. At the end of all bytes it ends.
    mutating func advance(over bytes: UnsafeRawBufferPointer) -> (count: Int, ends: Bool) {
        let step: (count: Int, ends: Bool)
        switch cuts {
        case .content(let cuts):
            step = unsafe progress.advance(over: bytes, with: cuts)
        case .places(let places):
            let end = place < places.count ? places[place] : size
            let count = min(end - position, bytes.count)
            step = (count, position + count == end)
        }
        position += step.count
        if step.ends {
            start = position
            place += 1
            progress = FastCDC.Progress(remaining: size - position)
        }
        return step
    }
}
