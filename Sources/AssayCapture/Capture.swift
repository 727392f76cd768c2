public import AssayCore
public import AssayStore
import AssaySystem
import SystemPackage

/// Recorded production exchanges in the store.
public struct Capture: Sendable {
    /// The digest of the capture's config: its identity, whatever way it is compressed.
    public let id: Digest
    /// The manifest it travels as.
    public let manifest: Digest
    /// What it holds.
    public let summary: CaptureSummary
    let segments: [Layer]
    let index: Layer
    let store: Store

    /// Opens a capture by its name (`core` or `capture/core`) or by an abbreviation of its id of at
    /// least 6 digits. Throws `.notFound`, naming what is there.
    public static func open(_ name: String, store: Store) throws(AssayError) -> Capture {
        let ref = name.hasPrefix("capture/") ? name : "capture/\(name)"
        if let found = try named(ref, in: store) {
            return try open(manifest: found.digest, store: store)
        }
        let all = try store.refs(in: "capture")
        if name.utf8.count >= 6, name.allSatisfy(\.isHexDigit) {
            var matches: [Capture] = []
            for (_, ref) in all {
                let capture = try open(manifest: ref.digest, store: store)
                if capture.id.hex.hasPrefix(name), !matches.contains(where: { $0.id == capture.id })
                {
                    matches.append(capture)
                }
            }
            guard matches.count <= 1 else {
                throw AssayError(
                    .ambiguous, "\(name) abbreviates several captures", hint: "write more digits")
            }
            if let match = matches.first { return match }
        }
        let names = all.map { String($0.name.dropFirst("capture/".count)) }
        let meant = Suggestion.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
        throw AssayError(
            .notFound, "there is no capture \(name) in the store \(store.root)\(meant)",
            hint: "see `assay capture list`, or make one with `assay capture record` or `import`")
    }

    /// What a name points to; `nil` where there is none, or where the store could not hold it.
    private static func named(_ ref: String, in store: Store) throws(AssayError) -> Ref? {
        do throws(AssayError) {
            return try store.ref(ref)
        } catch {
            guard error.code == .usage else { throw error }
            return nil
        }
    }

    /// Opens the capture that a manifest describes.
    public static func open(manifest: Digest, store: Store) throws(AssayError) -> Capture {
        let artifact = try store.artifact(manifest)
        guard artifact.artifactType == CaptureSealer.artifactType,
            let index = artifact.layers.first
        else { throw AssayError(.damaged, "manifest \(manifest) is not a capture's") }
        // The media types carry the versions of the layouts.
        try check(index.mediaType, is: CaptureSealer.indexType, "index", of: artifact)
        for segment in artifact.layers.dropFirst() {
            try check(segment.mediaType, is: CaptureSealer.segmentType, "segment", of: artifact)
        }
        return Capture(
            id: artifact.configDigest, manifest: manifest,
            summary: try CaptureSummary(
                parsing: artifact.config, name: "capture \(artifact.configDigest.short)"),
            segments: Array(artifact.layers.dropFirst()), index: index, store: store)
    }

    private static func check(
        _ found: String, is known: String, _ part: String, of artifact: Artifact
    ) throws(AssayError) {
        guard found == known else {
            throw AssayError(
                .unsupported,
                "capture \(artifact.configDigest.short) has its \(part) in the layout \(found); "
                    + "this version reads \(known)",
                hint: "use the version of assay that wrote it, or import the traffic again")
        }
    }

    /// All captures of a store by name, sorted.
    public static func list(store: Store) throws(AssayError) -> [(name: String, capture: Capture)] {
        var found: [(name: String, capture: Capture)] = []
        for (name, ref) in try store.refs(in: "capture") {
            found.append((name, try open(manifest: ref.digest, store: store)))
        }
        return found
    }

    /// One exchange by its id or an abbreviation of it; reads the index and one frame.
    public func exchange(_ id: String) throws(AssayError) -> Exchange {
        var matches: [CaptureIndex.Entry] = []
        var near: [CaptureIndex.Entry] = []
        try forEachEntry { entry in
            if entry.id == id { matches.append(entry) }
            if entry.id.hasPrefix(id) { near.append(entry) }
        }
        if !matches.isEmpty { near = matches }
        guard let entry = near.first, !id.isEmpty else {
            throw AssayError(
                .notFound, "capture \(self.id.short) has no exchange \(id)",
                hint: "list some with `assay capture show \(self.id.short) --exchanges`")
        }
        guard near.count == 1 else {
            throw AssayError(
                .ambiguous, "\(id) abbreviates \(near.count) exchanges", hint: "write more digits")
        }
        return try exchange(in: try frame(of: entry), at: entry)
    }

    /// Chooses whole sessions until they hold at least `requests` exchanges, by a seeded hash of each
    /// session, so that the same capture, count and seed give the same choice on any machine.
    ///
    /// Gives the ids of the chosen exchanges. Costs a read of the index and a sort of the sessions.
    public func sample(requests: Int, seed: UInt64) throws(AssayError) -> Set<String> {
        var sessions: [String: [String]] = [:]
        try forEachEntry { sessions[$0.session ?? $0.id, default: []].append($0.id) }
        let ranked = sessions.keys
            .map { (rank: Digest(of: Array("\(seed) \($0)".utf8)), session: $0) }
            .sorted { $0.rank < $1.rank }
        var chosen: Set<String> = []
        for (_, session) in ranked where chosen.count < requests {
            chosen.formUnion(sessions[session] ?? [])
        }
        return chosen
    }

    /// Ids, starts and sessions of all exchanges in time order.
    public func outline() throws(AssayError) -> [(id: String, startedAt: Int64, session: String)] {
        var outline: [(id: String, startedAt: Int64, session: String)] = []
        try forEachEntry { outline.append(($0.id, $0.startedAt, $0.session ?? $0.id)) }
        return outline
    }

    /// Whether an exchange is of a known time before another, in nanoseconds since 1970. What has no times
    /// has no age. Costs a read of the index where the capture begins with such exchanges.
    public func hasExchange(before limit: Int64) throws(AssayError) -> Bool {
        if Exchange.isKnown(startedAt: summary.firstAt) { return summary.firstAt < limit }
        guard Exchange.isKnown(startedAt: summary.lastAt) else { return false }
        var entries = indexReader()
        while let entry = try entries.next() {
            if Exchange.isKnown(startedAt: entry.startedAt) { return entry.startedAt < limit }
        }
        return false
    }

    /// Calls `body` with id and session of each exchange in time order; an exchange without a session
    /// is its own. Reads the index alone, in flat memory.
    public func forEachSession(_ body: (_ id: String, _ session: String) -> Void) throws(AssayError)
    {
        try forEachEntry { body($0.id, $0.session ?? $0.id) }
    }

    /// Hands out the exchanges in time order, all or only those in `chosen`, in flat memory.
    ///
    /// Frames without a chosen exchange are not read. Throws what `body` throws, and `.damaged`.
    public func forEach(
        of chosen: Set<String>? = nil, _ body: (Exchange) throws(AssayError) -> Void
    ) throws(AssayError) {
        var reader = try reader(of: chosen)
        while let exchange = try reader.next() { try body(exchange) }
    }

    /// A reader that hands out the exchanges one by one, in time order.
    public func reader(of chosen: Set<String>? = nil) throws(AssayError) -> CaptureReader {
        guard let chosen else { return CaptureReader(capture: self) }
        var entries: [CaptureIndex.Entry] = []
        try forEachEntry { if chosen.contains($0.id) { entries.append($0) } }
        return CaptureReader(capture: self, entries: entries)
    }

    /// Calls `body` with each entry of the index; holds one frame of it expanded.
    func forEachEntry(_ body: (CaptureIndex.Entry) -> Void) throws(AssayError) {
        var reader = indexReader()
        while let entry = try reader.next() { body(entry) }
    }

    /// Reads the index frame by frame. The blob's digest is checked by `verify`.
    func indexReader() -> CaptureIndexReader {
        CaptureIndexReader(index, in: store, name: "the index of capture \(id.short)")
    }

    /// The frame that an exchange lies in, expanded.
    ///
    /// The frame's own checksum says whether it is whole; a segment's digest is checked by `verify`.
    func frame(of entry: CaptureIndex.Entry) throws(AssayError) -> [UInt8] {
        guard segments.indices.contains(entry.segment) else { throw wrongIndex(about: entry.id) }
        let file = try OpenFile.reading(store.blobPath(segments[entry.segment].digest))
        return try ZstdFrame.expand(try file.read(count: entry.length, at: entry.offset)[...])
    }

    /// The exchange at its place in an expanded frame.
    func exchange(
        in content: [UInt8], at entry: CaptureIndex.Entry
    ) throws(AssayError) -> Exchange {
        guard entry.record < content.count else { throw wrongIndex(about: entry.id) }
        var decoder = ExchangeDecoder(content, at: entry.record)
        guard let exchange = try decoder.next(), exchange.id == entry.id else {
            throw wrongIndex(about: entry.id)
        }
        return exchange
    }

    func wrongIndex(about exchange: String) -> AssayError {
        AssayError(.damaged, "the index of capture \(id.short) is wrong about exchange \(exchange)")
    }
}
