public import AssayCore
public import AssayEvidence
public import AssayStore
import CZstd

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
        for line in try lines(evidence.outcomes, store: store) {
            rows.append(try ExchangeOutcome.parse(row: line, name: name))
        }
        return rows
    }

    /// The answers that were kept of an exchange, by arm; `nil` if it is not among the examples.
    public static func example(
        _ exchange: String, of evidence: Evidence, store: Store
    ) throws(AssayError) -> Example? {
        guard let digest = evidence.examples else { return nil }
        for line in try lines(digest, store: store) {
            let name = "an example of \(digest.short)"
            let root = JSONReader(try JSONParser.parse(line, file: name), document: name)
            guard try root["exchange"].string() == exchange else { continue }
            var arms: [String: JSONValue] = [:]
            for (key, value) in try root["arms"].members() { arms[key] = value.value }
            return Example(exchange: exchange, arms: arms)
        }
        return nil
    }

    static func lines(_ digest: Digest, store: Store) throws(AssayError) -> [[UInt8]] {
        let bytes = try expand(try store.read(digest, limit: 1 << 30), name: "blob \(digest.short)")
        return bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) }
    }

    /// Expands a zstd stream of at most 4 GiB.
    private static func expand(_ bytes: [UInt8], name: String) throws(AssayError) -> [UInt8] {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw AssayError(.limit, "there is no memory to read \(name)")
        }
        defer { unsafe ZSTD_freeDCtx(context) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var place = 0
        var left = 1
        while place < bytes.count || left != 0 {
            let step: (consumed: Int, produced: Int, left: Int) = unsafe bytes.withUnsafeBytes {
                source in
                unsafe chunk.withUnsafeMutableBytes { target in
                    var input = unsafe ZSTD_inBuffer(
                        src: source.baseAddress.map { unsafe $0 + place },
                        size: source.count - place, pos: 0)
                    var result = unsafe ZSTD_outBuffer(
                        dst: target.baseAddress, size: target.count, pos: 0)
                    let left = unsafe ZSTD_decompressStream(context, &result, &input)
                    return unsafe (input.pos, result.pos, left)
                }
            }
            guard ZSTD_isError(step.left) == 0 else {
                throw AssayError(
                    .damaged,
                    "\(name) is damaged: \(unsafe String(cString: ZSTD_getErrorName(step.left)))")
            }
            if step.consumed == 0, step.produced == 0 {
                throw AssayError(.damaged, "\(name) is cut short")
            }
            place += step.consumed
            left = step.left
            output += chunk[..<step.produced]
            guard output.count <= 4 << 30 else {
                throw AssayError(.limit, "\(name) expands beyond 4 GiB")
            }
        }
        return output
    }
}
