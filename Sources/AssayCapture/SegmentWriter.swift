import AssayCore
import AssayStore

/// Writes exchanges to frames, frames to segments, and the index beside them.
struct SegmentWriter {
    private let store: Store
    private var frame: [UInt8] = []
    private var waiting: [Exchange] = []
    private var segment: [UInt8] = []
    private var layers: [Layer] = []
    private var index = CaptureIndex()
    private var hasher = SHA256Hasher()
    private var bytes = 0

    init(store: Store) {
        self.store = store
    }

    mutating func append(_ exchange: Exchange) throws(AssayError) {
        ExchangeCodec.append(exchange, to: &frame)
        waiting.append(
            Exchange(
                request: [], response: [], startedAt: exchange.startedAt, firstByteAfter: 0,
                endedAfter: 0, session: exchange.session
            ).named(exchange.id))
        if frame.count >= CaptureJournal.frameSize { try closeFrame() }
    }

    /// The layers, the digest over all records, and their bytes.
    consuming func finish() throws(AssayError) -> (layers: [Layer], content: Digest, bytes: Int) {
        try closeFrame()
        try closeSegment()
        let compressed = try ZstdFrame.compress(index.bytes)
        let layer = Layer(
            mediaType: CaptureSealer.indexType, digest: try store.put(compressed),
            size: compressed.count)
        return ([layer] + layers, hasher.finish(), bytes)
    }

    private mutating func closeFrame() throws(AssayError) {
        guard !frame.isEmpty else { return }
        let compressed = try ZstdFrame.compress(frame)
        for exchange in waiting {
            index.entries.append(
                .init(
                    id: exchange.id, startedAt: exchange.startedAt, segment: layers.count,
                    offset: segment.count, length: compressed.count, session: exchange.session))
        }
        hasher.update(frame)
        bytes += frame.count
        segment += compressed
        frame.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        if segment.count >= CaptureSealer.segmentSize { try closeSegment() }
    }

    private mutating func closeSegment() throws(AssayError) {
        guard !segment.isEmpty else { return }
        layers.append(
            Layer(
                mediaType: CaptureSealer.segmentType, digest: try store.put(segment),
                size: segment.count))
        segment.removeAll()
    }
}

extension Exchange {
    func named(_ id: String) -> Exchange {
        var copy = self
        copy.id = id
        return copy
    }
}
