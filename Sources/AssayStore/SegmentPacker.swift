import AssayCore

/// Decides how files become segments: large files whole, small files in a row.
///
/// Files below `smallLimit` are joined in path order until a segment reaches `target` bytes; a
/// larger file is a segment of its own. When that would need more segments than a manifest may
/// list, both sizes double until it fits, so the same files always give the same segments.
struct SegmentPacker {
    /// A segment that is to be: the files in it, in order.
    struct Plan: Hashable {
        var files: [FileEntry]
        var size: Int
    }

    static let smallLimit = 1 << 20
    static let target = 4 << 20

    /// The segments for these files, in first-use order. Files of equal content share one place.
    static func plan(_ files: [FileEntry], maximum: Int) -> [Plan] {
        var seen: Set<Digest> = []
        let distinct = files.filter { $0.size > 0 && seen.insert($0.digest).inserted }
        var scale = 1
        while true {
            let plans = plan(distinct, small: smallLimit * scale, target: target * scale)
            if plans.count <= maximum { return plans }
            scale *= 2
        }
    }

    private static func plan(_ files: [FileEntry], small: Int, target: Int) -> [Plan] {
        var plans: [Plan] = []
        var open: Int?
        for file in files {
            guard file.size < small else {
                plans.append(Plan(files: [file], size: file.size))
                continue
            }
            if let index = open, plans[index].size < target {
                plans[index].files.append(file)
                plans[index].size += file.size
            } else {
                open = plans.count
                plans.append(Plan(files: [file], size: file.size))
            }
        }
        return plans
    }
}
