public import AssayCore

/// Undoes the content encodings of a body (RFC 9110, section 8.4.1), bounded.
public enum ContentDecoder {
    /// Undoes all encodings of a `Content-Encoding` field, last first.
    ///
    /// Throws `.unsupported` for an encoding that is not known, `.damaged` for bytes that are not
    /// of theirs, `.limit` if more than `limit` bytes come out.
    public static func decode(
        _ body: ArraySlice<UInt8>, encoding: String?, limit: Int
    ) throws(AssayError) -> ArraySlice<UInt8> {
        guard let encoding, !body.isEmpty else { return body }
        var bytes = body
        for token in encoding.split(separator: ",").reversed() {
            let name = token.filter { $0 != " " && $0 != "\t" }.lowercased()
            switch name {
            case "", "identity": continue
            case "gzip", "x-gzip":
                bytes = try Inflater.inflate(bytes, form: .gzip, limit: limit)[...]
            case "deflate": bytes = try Inflater.inflateDeflate(bytes, limit: limit)[...]
            case "br": bytes = try BrotliDecoder.decode(bytes, limit: limit)[...]
            case "zstd": bytes = try ZstdDecoder.decode(bytes, limit: limit)[...]
            default:
                throw AssayError(.unsupported, "content encoding \"\(name)\" is not known")
            }
        }
        return bytes
    }

    /// The error for an encoding whose bytes are damaged or cut short.
    static func damaged(_ name: String, _ reason: String) -> AssayError {
        AssayError(.damaged, "could not undo content encoding \(name): \(reason)")
    }

    /// The error for a body that unpacks to too much.
    static func tooLarge(_ name: String, _ limit: Int) -> AssayError {
        AssayError(.limit, "content encoding \(name) unpacks to more than \(ByteCount(limit))")
    }
}
