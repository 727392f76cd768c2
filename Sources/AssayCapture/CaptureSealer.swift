public import AssayCore
public import AssayStore
import AssaySystem
public import SystemPackage

/// Turns a journal into a capture: sorted by time, indexed, in the store.
public struct CaptureSealer {
    /// The media types of a capture's blobs.
    static let artifactType = "application/vnd.assay.capture.v1+json"
    static let configType = "application/vnd.assay.capture.config.v1+json"
    static let indexType = "application/vnd.assay.capture.index.v1+zstd"
    static let segmentType = "application/vnd.assay.capture.segment.v1.warc+zstd"
    /// Frames are gathered in segments of at least this many bytes.
    static let segmentSize = 64 << 20

    private let store: Store
    private let rules: ExchangeRules?
    private let labels: [String: String]
    private let losses: CaptureLosses
    private let source: String

    /// Prepares to seal. `rules` `nil` keeps what the exchanges say of themselves; `labels` are by key;
    /// `losses` are those of the recording or import that wrote the journal; `source` names what the
    /// journal was made of, for errors.
    public init(
        store: Store, rules: ExchangeRules? = nil, labels: [String: String] = [:],
        losses: CaptureLosses = CaptureLosses(), source: String = "the input"
    ) {
        self.store = store
        self.rules = rules
        self.labels = labels
        self.losses = losses
        self.source = source
    }

    /// What came of sealing.
    public struct Sealed: Sendable {
        /// The capture.
        public let capture: Capture
        /// Labels that no exchange has the key of, and exchanges that got no label.
        public let unmatchedLabels: Int, unlabelled: Int
    }

    /// Seals the whole frames of a journal under `capture/<name>`.
    ///
    /// Two passes: the first notes where each exchange lies, the second writes them in time order.
    /// Memory grows with the count of exchanges (about 300 bytes each, most of it the index), not with
    /// their size. Throws `.notFound` if the journal holds none, `.damaged` with the byte offset for
    /// one that is cut short; `CaptureJournal.recover` cuts that behind its last whole frame.
    public func seal(_ journal: FilePath, as name: String) throws(AssayError) -> Sealed {
        let places = try survey(journal)
        guard !places.isEmpty else {
            throw nothing()
        }
        var writer = SegmentWriter(store: store)
        var summary = CaptureSummary()
        summary.losses = losses
        summary.losses.settle(on: places.count)
        var sessions: Set<String> = []
        var used: Set<String> = []
        var lookUp = JournalLookUp(journal)
        var previous = (id: "", copies: 0)
        for place in places {
            var exchange = try lookUp.exchange(at: place)
            rules?.apply(to: &exchange)
            if let key = exchange.key, let label = labels[key] {
                exchange.label = label
                used.insert(key)
            }
            // Equal exchanges have equal times, so that they follow one another.
            previous = place.id == previous.id ? (place.id, previous.copies + 1) : (place.id, 0)
            exchange.id = previous.copies == 0 ? place.id : "\(place.id).\(previous.copies)"
            summary.add(exchange)
            sessions.insert(exchange.session ?? exchange.id)
            try writer.append(exchange)
        }
        summary.sessions = sessions.count
        let content = try writer.finish()
        summary.content = content.records
        summary.ids = content.ids
        summary.bytes = content.bytes
        let manifest = try store.putArtifact(
            ArtifactDraft(
                artifactType: Self.artifactType, configType: Self.configType,
                config: CanonicalJSON.encode(summary.document), layers: content.layers))
        try store.setRef("capture/\(name)", to: manifest)
        return Sealed(
            capture: try Capture.open(manifest: manifest, store: store),
            unmatchedLabels: labels.count - used.count,
            unlabelled: summary.exchanges - summary.labels)
    }

    /// What to throw where no exchange was kept: what was lost, and why.
    private func nothing() -> AssayError {
        var settled = losses
        settled.settle(on: 0)
        var message = "there is no exchange to make a capture of in \(source): \(settled.sum)"
        if !settled.reasons.isEmpty {
            message += " (\(settled.counted.prefix(8).joined(separator: "; ")))"
        }
        return AssayError(
            .notFound, message,
            hint: settled.seen == 0
                ? "check that traffic reached the recorder, or the input's format" : nil)
    }

    /// Where the exchanges lie, in time order; equal ones in an order that does not hang on theirs in
    /// the journal, as far as their times differ.
    private func survey(_ journal: FilePath) throws(AssayError) -> [JournalPlace] {
        var places: [JournalPlace] = []
        var reader = try FrameReader(path: journal)
        while let frame = try reader.next() {
            var decoder = ExchangeDecoder(frame.content)
            while true {
                let start = decoder.position
                guard let metadata = try decoder.nextMetadata() else { break }
                places.append(
                    JournalPlace(
                        startedAt: metadata.startedAt,
                        id: String(metadata.id.prefix { $0 != "." }),
                        firstByteAfter: metadata.firstByteAfter, endedAfter: metadata.endedAfter,
                        frame: frame.offset, length: frame.length, start: start))
            }
        }
        return places.sorted { left, right in
            if left.startedAt != right.startedAt { return left.startedAt < right.startedAt }
            if left.id != right.id { return left.id < right.id }
            return (left.firstByteAfter, left.endedAfter, left.frame, left.start)
                < (right.firstByteAfter, right.endedAfter, right.frame, right.start)
        }
    }
}

/// Where an exchange lies in a journal.
struct JournalPlace {
    let startedAt: Int64
    /// The id without an ordinal.
    let id: String
    let firstByteAfter: Int64, endedAfter: Int64
    let frame: Int, length: Int, start: Int
}

/// Reads exchanges of a journal by place, keeping the frames that were used last.
struct JournalLookUp {
    private let path: FilePath
    private var frames: [(offset: Int, content: [UInt8])] = []

    init(_ path: FilePath) {
        self.path = path
    }

    mutating func exchange(at place: JournalPlace) throws(AssayError) -> Exchange {
        if let index = frames.firstIndex(where: { $0.offset == place.frame }) {
            if index > 0 { frames.insert(frames.remove(at: index), at: 0) }
        } else {
            let file = try OpenFile.reading(path)
            let bytes = try file.read(count: place.length, at: place.frame)
            frames.insert((place.frame, try ZstdFrame.expand(bytes[...])), at: 0)
            if frames.count > 16 { frames.removeLast() }
        }
        var decoder = ExchangeDecoder(frames[0].content, at: place.start)
        guard let exchange = try decoder.next() else {
            throw AssayError(.damaged, "journal \(path) changed while it was sealed")
        }
        return exchange
    }
}
