public import AssayComparison
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
    /// The answer of an arm as it was sent; `nil` if there was none.
    public func answer(of arm: String) throws(AssayError) -> Answer? {
        guard let value = arms[arm] else { return nil }
        let reader = JSONReader(value, document: "an example")
        guard let status = try reader["status"].ifPresent?.integer() else { return nil }
        var headers: [(name: String, value: String)] = []
        for field in try reader["headers"].ifPresent?.elements() ?? [] {
            let pair = try field.strings()
            guard pair.count == 2 else { throw field.mismatch("a name and a value") }
            headers.append((pair[0], pair[1]))
        }
        let body =
            if let text = try reader["base64"].ifPresent?.string() {
                try Base64.decode(text)
            } else {
                Array((try reader["text"].ifPresent?.string() ?? "").utf8)
            }
        return Answer(status: status, headers: headers, body: body)
    }
}
