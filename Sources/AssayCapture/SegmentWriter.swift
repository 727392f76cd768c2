import AssayCore
import AssayStore

/// Writes exchanges to frames, frames to segments, and the index beside them.
struct SegmentWriter {
    private let store: Store
    private var frame = WARCWriter()
    private var waiting: [CaptureIndex.Entry] = []
    private var segment: [UInt8] = []
    private var layers: [Layer] = []
    /// The index so far: whole frames, and the lines of the next.
    private var index: [UInt8] = [], indexLines: [UInt8] = []
    private var records = SHA256Hasher(), names = SHA256Hasher()
    private var bytes = 0

    /// Bytes of records that make a frame of a capture full.
    static let frameSize = 1 << 20
    /// Bytes of lines that make a frame of the index full.
    private static let indexFrameSize = 16 << 20

    init(store: Store) {
        self.store = store
    }

    mutating func append(_ exchange: Exchange) throws(AssayError) {
        try exchange.checkSize()
        names.update(Array("\(exchange.id)\n".utf8))
        waiting.append(
            CaptureIndex.Entry(
                id: exchange.id, startedAt: exchange.startedAt, segment: 0, offset: 0, length: 0,
                record: frame.bytes.count, session: exchange.session, route: exchange.route))
        ExchangeEncoder.append(exchange, to: &frame)
        if frame.bytes.count >= Self.frameSize { try closeFrame() }
    }

    /// What was written.
    struct Content {
        var layers: [Layer]
        /// SHA-256 over all records, and over all ids with a line feed behind each.
        var records: Digest, ids: Digest
        /// Bytes of all records.
        var bytes: Int
    }

    /// Writes what is left, and the index.
    consuming func finish() throws(AssayError) -> Content {
        try closeFrame()
        try closeSegment()
        if !indexLines.isEmpty || index.isEmpty { try closeIndexFrame() }
        let layer = Layer(
            mediaType: CaptureSealer.indexType, digest: try store.put(index), size: index.count)
        return Content(
            layers: [layer] + layers, records: records.finish(), ids: names.finish(), bytes: bytes)
    }

    private mutating func closeFrame() throws(AssayError) {
        guard !frame.bytes.isEmpty else { return }
        let compressed = try ZstdFrame.compress(frame.bytes)
        for var entry in waiting {
            entry.segment = layers.count
            entry.offset = segment.count
            entry.length = compressed.count
            CaptureIndex.append(entry, to: &indexLines)
            if indexLines.count >= Self.indexFrameSize { try closeIndexFrame() }
        }
        records.update(frame.bytes)
        bytes += frame.bytes.count
        segment += compressed
        frame.bytes.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        if segment.count >= CaptureSealer.segmentSize { try closeSegment() }
    }

    private mutating func closeIndexFrame() throws(AssayError) {
        index += try ZstdFrame.compress(indexLines)
        indexLines.removeAll(keepingCapacity: true)
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
