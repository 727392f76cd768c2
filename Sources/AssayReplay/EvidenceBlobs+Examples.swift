public import AssayCore
public import AssayEvidence
public import AssayStore

extension EvidenceBlobs {
    /// The bytes that each kept example takes, by exchange id. Costs a parse of the blob.
    public static func exampleSizes(
        of evidence: Evidence, store: Store
    ) throws(AssayError) -> [String: Int] {
        guard let digest = evidence.examples else { return [:] }
        let name = "an example of \(digest.short)"
        var sizes: [String: Int] = [:]
        let lines = try reader(digest, store: store)
        while let line = try lines.next() {
            let root = JSONReader(try JSONParser.parse(line, file: name), document: name)
            sizes[try root["exchange"].string()] = line.count
        }
        return sizes
    }
}

extension EvidenceBlobs {
    /// The row of one exchange; `nil` if it was not replayed. Rows are sorted by id, so that only a
    /// few are parsed; the blob is expanded whole.
    public static func row(
        of exchange: String, in evidence: Evidence, store: Store
    ) throws(AssayError) -> ExchangeOutcome? {
        let lines = try reader(evidence.outcomes, store: store)
        var rows: [[UInt8]] = []
        while let line = try lines.next() { rows.append(line) }
        let name = "a row of \(evidence.outcomes.short)"
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            let row = try ExchangeOutcome.parse(row: rows[middle], name: name)
            if row.exchange == exchange { return row }
            if row.exchange.utf8.lexicographicallyPrecedes(exchange.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return nil
    }
}

extension EvidenceBlobs.Example {
    /// The body of an answer that is not text, by the arm; `nil` if it is text or there is none.
    public func binaryBody(of arm: String) throws(AssayError) -> [UInt8]? {
        guard let answer = arms[arm] else { return nil }
        let reader = JSONReader(answer, document: "an example")
        guard let text = try reader["base64"].ifPresent?.string() else { return nil }
        return try Base64.decode(text)
    }
}
