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
    /// Bytes of lines in a frame of the index.
    var indexFrameSize = SegmentWriter.indexFrameSize

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
    /// The exchanges are sorted outside of memory, with files beside the journal; memory grows with
    /// the count of sessions and labels only. Throws `.notFound` if the journal holds none, `.damaged`
    /// with the byte offset for one that is cut short, of which an import with `salvage` keeps what is
    /// whole.
    public func seal(_ journal: FilePath, as name: String) throws(AssayError) -> Sealed {
        let parent = journal.removingLastComponent()
        let directory = try TemporaryDirectory(in: parent.isEmpty ? "." : parent, prefix: "sort-")
        var sorter = ExchangeSorter(in: directory.path)
        var reader = try FrameReader(path: journal)
        while let frame = try reader.next() {
            var decoder = ExchangeDecoder(frame.content)
            while let exchange = try decoder.next() { try sorter.append(exchange) }
        }
        return try seal(sorter, as: name)
    }

    /// Seals sorted exchanges under `capture/<name>`. Throws `.notFound` if there is none.
    public func seal(
        _ sorter: consuming ExchangeSorter, as name: String
    ) throws(AssayError) -> Sealed {
        guard sorter.count > 0 else { throw nothing() }
        var writer = try SegmentWriter(store: store, indexFrameSize: indexFrameSize)
        var summary = CaptureSummary()
        var sessions: Set<String> = []
        var alone = 0
        var used: Set<String> = []
        var previous = (id: "", copies: 0)
        try sorter.merge { (exchange) throws(AssayError) in
            var exchange = exchange
            rules?.apply(to: &exchange)
            let id = exchange.derivedID
            // Equal exchanges have equal times, so that they follow one another.
            previous = id == previous.id ? (id, previous.copies + 1) : (id, 0)
            exchange.id = previous.copies == 0 ? id : "\(id).\(previous.copies)"
            for name in [exchange.key, exchange.id] {
                guard let name, let label = labels[name] else { continue }
                exchange.label = label
                used.insert(name)
            }
            summary.add(exchange)
            if let session = exchange.session { sessions.insert(session) } else { alone += 1 }
            try writer.append(exchange)
        }
        summary.losses = losses
        summary.losses.settle(on: summary.exchanges)
        summary.sessions = sessions.count + alone
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
                ? "check that traffic was recorded, or name the format with --format"
                : "requests alone are kept with --keep-unanswered")
    }
}
