import AssayCore
import AssayStore

/// Writes exchanges to frames, frames to segments, and the index beside them; holds a frame of each.
struct SegmentWriter: ~Copyable {
    private let store: Store
    private var frame = WARCWriter()
    private var waiting: [CaptureIndex.Entry] = []
    /// The segment at hand, from its first frame on.
    private var segment: BlobWriter?
    private var layers: [Layer] = []
    private var index: BlobWriter
    /// The lines of the next frame of the index.
    private var indexLines: [UInt8] = []
    private var records = SHA256Hasher(), names = SHA256Hasher()
    private var bytes = 0

    /// Bytes of records that make a frame of a capture full.
    static let frameSize = 1 << 20
    /// Bytes of lines that make a frame of the index full.
    private let indexFrameSize: Int
    /// The usual one.
    static let indexFrameSize = 16 << 20

    init(store: Store, indexFrameSize: Int) throws(AssayError) {
        self.indexFrameSize = indexFrameSize
        index = try store.newBlob()
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
        if !indexLines.isEmpty || index.size == 0 { try closeIndexFrame() }
        let stored = try index.finish()
        let layer = Layer(
            mediaType: CaptureSealer.indexType, digest: stored.digest, size: stored.size)
        return Content(
            layers: [layer] + layers, records: records.finish(), ids: names.finish(), bytes: bytes)
    }

    private mutating func closeFrame() throws(AssayError) {
        guard !frame.bytes.isEmpty else { return }
        let compressed = try ZstdFrame.compress(frame.bytes)
        var segment: BlobWriter
        if let open = self.segment.take() {
            segment = open
        } else {
            segment = try store.newBlob()
        }
        for var entry in waiting {
            entry.segment = layers.count
            entry.offset = segment.size
            entry.length = compressed.count
            CaptureIndex.append(entry, to: &indexLines)
            if indexLines.count >= indexFrameSize { try closeIndexFrame() }
        }
        records.update(frame.bytes)
        bytes += frame.bytes.count
        try segment.write(compressed)
        frame.bytes.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        let isFull = segment.size >= CaptureSealer.segmentSize
        self.segment = consume segment
        if isFull { try closeSegment() }
    }

    private mutating func closeIndexFrame() throws(AssayError) {
        try index.write(try ZstdFrame.compress(indexLines))
        indexLines.removeAll(keepingCapacity: true)
    }

    /// Puts the segment at hand into the store, if there is one. One that is there already is written all the
    /// same, as its digest is not known before.
    private mutating func closeSegment() throws(AssayError) {
        guard let written = segment.take() else { return }
        let stored = try written.finish()
        layers.append(
            Layer(
                mediaType: CaptureSealer.segmentType, digest: stored.digest, size: stored.size))
    }
}
