public import AssayCore

/// What a capture holds, in counts; its canonical form is the capture's config blob.
public struct CaptureSummary: Hashable, Sendable {
    /// SHA-256 over all records in order, uncompressed.
    public var content: Digest
    /// SHA-256 over the ids of all exchanges in order, each with a line feed behind it.
    public var ids: Digest
    /// Exchanges and distinct sessions; an exchange without a session is its own.
    public var exchanges = 0, sessions = 0
    /// Exchanges of which production's answer was not recorded.
    public var unanswered = 0
    /// Egress calls, and exchanges with a label.
    public var egressCalls = 0, labels = 0
    /// The first and the last start, in nanoseconds since 1970.
    public var firstAt: Int64 = 0, lastAt: Int64 = 0
    /// Bytes of all records, uncompressed.
    public var bytes = 0
    /// Exchanges by route, by slice field and value, by dependency (calls), by bundle (64 hex).
    ///
    /// Of each at most 1000 names are told apart; the others are counted under `otherNames`.
    public var routes: [String: Int] = [:], slices: [String: [String: Int]] = [:]
    public var egress: [String: Int] = [:], bundles: [String: Int] = [:]
    /// What was lost when it was recorded or imported.
    public var losses = CaptureLosses()

    static let schema = "assay/capture/v1"
    /// What names beyond the first 1000 are counted under.
    public static let otherNames = "(other)"

    init(content: Digest = Digest(of: []), ids: Digest = Digest(of: [])) {
        self.content = content
        self.ids = ids
    }

    /// The canonical form.
    public var document: JSONValue {
        func counts(_ map: [String: Int]) -> JSONValue { .object(map.mapValues { JSONValue($0) }) }
        return [
            "schema": JSONValue(Self.schema), "content": JSONValue(content),
            "ids": JSONValue(ids), "unanswered": JSONValue(unanswered),
            "exchanges": JSONValue(exchanges), "sessions": JSONValue(sessions),
            "egressCalls": JSONValue(egressCalls), "labels": JSONValue(labels),
            "firstAt": .integer(firstAt), "lastAt": .integer(lastAt), "bytes": JSONValue(bytes),
            "routes": counts(routes), "slices": .object(slices.mapValues(counts)),
            "egress": counts(egress), "bundles": counts(bundles), "losses": losses.document,
        ]
    }

    init(parsing bytes: [UInt8], name: String) throws(AssayError) {
        let root = JSONReader(try JSONParser.parse(bytes, file: name), document: name)
        try self.init(root, name: name)
    }

    init(_ root: JSONReader, name: String) throws(AssayError) {
        let schema = try root["schema"].string()
        guard schema == Self.schema else {
            throw AssayError(
                .unsupported, "\(name) is of schema \(schema); this version reads \(Self.schema)",
                hint: "use the version of assay that wrote it")
        }
        func counts(_ reader: JSONReader) throws(AssayError) -> [String: Int] {
            var map: [String: Int] = [:]
            for (key, value) in try reader.members() { map[key] = try value.count() }
            return map
        }
        content = try root["content"].digest()
        ids = try root["ids"].digest()
        unanswered = try root["unanswered"].count()
        exchanges = try root["exchanges"].count()
        sessions = try root["sessions"].count()
        egressCalls = try root["egressCalls"].count()
        labels = try root["labels"].count()
        firstAt = Int64(try root["firstAt"].integer())
        lastAt = Int64(try root["lastAt"].integer())
        bytes = try root["bytes"].count()
        routes = try counts(root["routes"])
        for (field, values) in try root["slices"].members() { slices[field] = try counts(values) }
        egress = try counts(root["egress"])
        bundles = try counts(root["bundles"])
        losses = try CaptureLosses(root["losses"])
    }

    /// Counts one exchange.
    mutating func add(_ exchange: Exchange) {
        if exchanges == 0 { firstAt = exchange.startedAt }
        exchanges += 1
        lastAt = max(lastAt, exchange.startedAt)
        egressCalls += exchange.egress.count
        if exchange.label != nil { labels += 1 }
        if !exchange.isAnswered { unanswered += 1 }
        Self.count(exchange.route, in: &routes)
        for (field, value) in exchange.slices {
            Self.count(value, in: &slices[field, default: [:]])
        }
        for call in exchange.egress { Self.count(call.name, in: &egress) }
        if let bundle = exchange.bundle { Self.count(bundle.hex, in: &bundles) }
    }

    private static func count(_ name: String, in counts: inout [String: Int]) {
        let isKnown = counts[name] != nil || counts.count < 1000
        counts[isKnown ? name : otherNames, default: 0] += 1
    }
}
