import AssayCore

/// Which segments an artifact is made of, and where in them its contents lie.
struct SegmentPlan {
    private var places: [Digest: [Extent]] = [:]
    private var segments: [Digest: CutSegment] = [:]

    /// Whether a content has its place, or one is reserved.
    func has(_ content: Digest) -> Bool { places[content] != nil }

    mutating func reserve(_ content: Digest) { places[content] = [] }

    func extents(of content: Digest) -> [Extent] { places[content] ?? [] }

    func segment(_ digest: Digest) -> CutSegment {
        segments[digest] ?? CutSegment(digest: digest, size: 0, file: nil)
    }

    /// Adds a segment that is a blob.
    mutating func add(_ digest: Digest, size: Int) {
        if segments[digest] == nil {
            segments[digest] = CutSegment(digest: digest, size: size, file: nil)
        }
    }

    private mutating func add(_ segment: CutSegment) {
        if segments[segment.digest] == nil { segments[segment.digest] = segment }
    }

    /// Places a content at extents of segments that were added.
    mutating func place(_ content: Digest, at extents: [Extent]) { places[content] = extents }

    /// Places a content that these segments hold in a row.
    mutating func place(_ content: Digest, in row: [CutSegment]) {
        places[content] = row.map { Extent(segment: $0.digest, offset: 0, length: $0.size) }
        for segment in row { add(segment) }
    }

    /// Places contents that were put in a row and then cut.
    mutating func place(row files: [FileEntry], in row: [CutSegment]) {
        for segment in row { add(segment) }
        var index = 0, offset = 0
        for file in files {
            var left = file.size
            var extents: [Extent] = []
            while left > 0, index < row.count {
                let length = min(left, row[index].size - offset)
                extents.append(Extent(segment: row[index].digest, offset: offset, length: length))
                left -= length
                offset += length
                if offset == row[index].size {
                    index += 1
                    offset = 0
                }
            }
            places[file.digest] = extents
        }
    }

    /// The segments in the order in which the files, in theirs, use them first.
    func order(of files: [FileEntry]) -> [Digest] {
        var seen: Set<Digest> = []
        var order: [Digest] = []
        for file in files where file.size > 0 {
            for extent in extents(of: file.digest) where seen.insert(extent.segment).inserted {
                order.append(extent.segment)
            }
        }
        return order
    }

    /// Moves what lies in segments to those that hold them in a row.
    mutating func replace(_ runs: [(members: [CutSegment], joined: CutSegment)]) {
        var moves: [Digest: (segment: Digest, offset: Int)] = [:]
        for run in runs {
            var offset = 0
            for member in run.members {
                moves[member.digest] = (run.joined.digest, offset)
                offset += member.size
            }
            add(run.joined)
        }
        guard !moves.isEmpty else { return }
        for (content, extents) in places {
            var moved: [Extent] = []
            for extent in extents {
                let move = moves[extent.segment] ?? (extent.segment, 0)
                let start = move.offset + extent.offset
                if let last = moved.last, last.segment == move.segment,
                    last.offset + last.length == start
                {
                    moved[moved.count - 1] = Extent(
                        segment: last.segment, offset: last.offset,
                        length: last.length + extent.length)
                } else {
                    moved.append(
                        Extent(segment: move.segment, offset: start, length: extent.length))
                }
            }
            places[content] = moved
        }
    }
}
