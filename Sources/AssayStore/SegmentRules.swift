import AssayCore
import AssaySystem

/// How finely content is cut by content.
public enum SegmentGrain: UInt8, Hashable, Sendable, CaseIterable {
    /// 4 MiB on average.
    case standard = 0
    /// 256 KiB on average, for tables that are edited row by row.
    case fine = 1
}

/// Which cuts a file, or small files in a row, get. The rules stand in Documentation/FORMAT.md.
enum SegmentRules {
    /// Smaller files are put in a row with others.
    static let largeFile = 4 << 20
    /// At about this many segments of average size the average doubles.
    private static let steps = 384

    /// The average size of segments of `total` bytes: that of the grain, doubled from 384 of them
    /// on until they are fewer, up to 64 MiB.
    static func average(of total: Int, grain: SegmentGrain) -> Int {
        var average = grain == .fine ? 256 << 10 : 4 << 20
        while average < 64 << 20, total / average >= steps { average *= 2 }
        return average
    }

    /// The cuts of a file that is not small; `total` is the size of all files it was stored with.
    ///
    /// Reads its header if it has one that tells of tensors. A header that is damaged, too large or
    /// of a version that is not known makes it a file like any other.
    static func cuts(
        of file: borrowing OpenFile, size: Int, total: Int, grain: SegmentGrain
    ) throws(AssayError) -> SegmentCuts {
        let whole = max(size, total)
        if let layout = try layout(of: file, size: size) {
            let share = Double(TensorLayout.maximumSegments) * Double(size) / Double(whole)
            return .places(layout.cuts(maximum: max(Int(share), 16)))
        }
        return .content(FastCDC(average: average(of: whole, grain: grain)))
    }

    private static func layout(
        of file: borrowing OpenFile, size: Int
    ) throws(AssayError) -> TensorLayout? {
        let start = try file.read(count: min(size, 16), at: 0)
        if GGUFHeader.matches(start) {
            var count = 1 << 20
            while true {
                let bytes = try file.read(count: min(size, count), at: 0)
                switch GGUFHeader.read(bytes, fileSize: size) {
                case .layout(let layout): return layout
                case .malformed: return nil
                case .needsMore:
                    guard count < GGUFHeader.limit else { return nil }
                    count *= 4
                }
            }
        }
        guard let count = SafetensorsHeader.size(start, fileSize: size) else { return nil }
        return SafetensorsHeader.layout(
            try file.read(count: count, at: 0), fileSize: size)
    }
}
