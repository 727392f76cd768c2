public import AssayCore
public import AssayEvidence
public import AssayStore

/// Reads what a replay left in the store.
public enum EvidenceBlobs {
    /// The answers of one exchange that were kept as an example.
    public struct Example: Sendable {
        /// The exchange's id.
        public let exchange: String
        /// Status and body by arm, as JSON documents.
        public let arms: [String: JSONValue]
    }

    /// The head document of evidence.
    public static func evidence(_ digest: Digest, store: Store) throws(AssayError) -> Evidence {
        try Evidence.parse(
            try store.read(digest, limit: 64 << 20), name: "evidence \(digest.short)")
    }

    /// The rows, sorted by exchange id. Memory grows with their count.
    public static func rows(_ evidence: Evidence, store: Store) throws(AssayError)
        -> [ExchangeOutcome]
    {
        var rows: [ExchangeOutcome] = []
        let name = "a row of \(evidence.outcomes.short)"
        let lines = try reader(evidence.outcomes, store: store)
        while let line = try lines.next() {
            rows.append(try ExchangeOutcome.parse(row: line, name: name))
        }
        return rows
    }

    /// The answers that were kept of an exchange, by arm; `nil` if it is not among the examples.
    public static func example(
        _ exchange: String, of evidence: Evidence, store: Store
    ) throws(AssayError) -> Example? {
        guard let digest = evidence.examples else { return nil }
        let lines = try reader(digest, store: store)
        while let line = try lines.next() {
            let name = "an example of \(digest.short)"
            let root = JSONReader(try JSONParser.parse(line, file: name), document: name)
            guard try root["exchange"].string() == exchange else { continue }
            var arms: [String: JSONValue] = [:]
            for (key, value) in try root["arms"].members() { arms[key] = value.value }
            return Example(exchange: exchange, arms: arms)
        }
        return nil
    }

    static func reader(
        _ digest: Digest, store: Store, lineLimit: Int = CompressedLineReader.usualLimit,
        hint: String? = nil
    ) throws(AssayError) -> CompressedLineReader {
        try CompressedLineReader(
            try store.read(digest, limit: 1 << 30), name: "blob \(digest.short)",
            lineLimit: lineLimit, hint: hint)
    }
}
