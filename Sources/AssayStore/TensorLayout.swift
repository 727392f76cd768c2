/// Where the tensors of a model file lie.
struct TensorLayout: Hashable, Sendable {
    /// The bytes before the first place a tensor can have.
    let headerSize: Int
    /// Where tensors begin, in order, each once; bytes between them belong to the one before.
    let starts: [Int]
    /// The size of the file.
    let fileSize: Int

    /// A layout, if the tensors lie between header and end and none reaches into another.
    init?(headerSize: Int, tensors: [Range<Int>], fileSize: Int) {
        guard headerSize > 0, headerSize <= fileSize else { return nil }
        let sorted = tensors.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        var end = headerSize
        for tensor in sorted {
            guard tensor.lowerBound >= end, tensor.upperBound <= fileSize else { return nil }
            end = tensor.upperBound
        }
        self.init(headerSize: headerSize, starts: sorted.map(\.lowerBound), fileSize: fileSize)
    }

    /// A layout of which only the places of the tensors are known, in any order.
    init?(headerSize: Int, starts: [Int], fileSize: Int) {
        guard headerSize > 0, headerSize <= fileSize else { return nil }
        let sorted = Set(starts).sorted()
        guard (sorted.first ?? headerSize) >= headerSize, (sorted.last ?? 0) <= fileSize else {
            return nil
        }
        self.headerSize = headerSize
        self.starts = sorted.filter { $0 < fileSize }
        self.fileSize = fileSize
    }
}

extension TensorLayout {
    /// A file has at most this many segments as long as that is in the hands of the cuts.
    static let maximumSegments = 384

    /// The least size of a segment, and the size of the pieces of a long tensor.
    struct Sizes: Hashable, Sendable {
        let minimum: Int, piece: Int

        /// The sizes of a step: 64 KiB and 4 MiB at step 0. The least size doubles with each step,
        /// the pieces when they are four times as large.
        init(step: Int) {
            minimum = 65536 << step
            piece = max(4 << 20, 4 * minimum)
        }
    }

    /// Where the file is cut, the end included: the header alone, then by tensors.
    ///
    /// Tensors of the least size and more stand alone; smaller neighbours are joined until they
    /// have it. A tensor longer than a piece is cut at multiples of the piece from its own start.
    /// The sizes are those of the first step that gives `maximum` or less. Costs time in the number
    /// of tensors and pieces.
    func cuts(maximum: Int = maximumSegments) -> [Int] {
        // Some step joins everything behind the header, so that two segments are always reached.
        let most = max(maximum, 2)
        var step = 0
        while true {
            if let cuts = cuts(Sizes(step: step), maximum: most) { return cuts }
            step += 1
        }
    }

    /// The cuts at these sizes; `nil` if there are more than `maximum`.
    private func cuts(_ sizes: Sizes, maximum: Int) -> [Int]? {
        var cuts = [headerSize]
        /// Where the open segment begins.
        var open = headerSize
        func close(_ place: Int) {
            guard place > open else { return }
            cuts.append(place)
            open = place
        }
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : fileSize
            if end - start >= sizes.minimum || start - open >= sizes.minimum { close(start) }
            var piece = start
            while end - piece > sizes.piece {
                piece += sizes.piece
                close(piece)
                guard cuts.count <= maximum else { return nil }
            }
            if end - start >= sizes.minimum { close(end) }
            guard cuts.count <= maximum else { return nil }
        }
        close(fileSize)
        return cuts.count <= maximum ? cuts : nil
    }
}
