/// Trace ids of W3C Trace Context, as in `00-<32 hex>-<16 hex>-01`.
enum TraceParent {
    /// The trace id in a `traceparent` header; `nil` if it has none, or only zeros.
    static func traceID(in header: String) -> String? {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4 else { return nil }
        return traceID(String(parts[1]))
    }

    /// The trace id in a text that is either a `traceparent` header or the bare id.
    static func traceID(of text: String) -> String? {
        text.utf8.contains(UInt8(ascii: "-")) ? traceID(in: text) : traceID(text)
    }

    private static func traceID(_ text: String) -> String? {
        let id = text.lowercased()
        guard id.utf8.count == 32, id.allSatisfy(\.isHexDigit), id.contains(where: { $0 != "0" })
        else { return nil }
        return id
    }
}
