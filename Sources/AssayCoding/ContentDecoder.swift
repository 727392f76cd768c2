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
                bytes = try unpack(bytes, "gzip", limit) { () throws(DecompressionFault) in
                    try ZlibDecompressor(.gzip)
                }
            case "deflate": bytes = try inflate(bytes, limit)
            case "br":
                bytes = try unpack(bytes, "br", limit) { () throws(DecompressionFault) in
                    try BrotliDecompressor()
                }
            case "zstd":
                bytes = try unpack(bytes, "zstd", limit) { () throws(DecompressionFault) in
                    try ZstdDecompressor()
                }
            default:
                throw AssayError(.unsupported, "content encoding \"\(name)\" is not known")
            }
        }
        return bytes
    }

    /// Undoes `deflate`, which by its standard has a zlib frame and in practice often has none.
    private static func inflate(
        _ bytes: ArraySlice<UInt8>, _ limit: Int
    ) throws(AssayError) -> ArraySlice<UInt8> {
        func unpacked(_ form: ZlibDecompressor.Form) throws(AssayError) -> ArraySlice<UInt8> {
            try unpack(bytes, "deflate", limit) { () throws(DecompressionFault) in
                try ZlibDecompressor(form)
            }
        }
        do throws(AssayError) {
            return try unpacked(.zlib)
        } catch {
            guard error.code == .damaged else { throw error }
            return try unpacked(.bare)
        }
    }

    /// Unpacks all of a body. Members of gzip, and frames of zstd, may follow one another.
    private static func unpack(
        _ bytes: ArraySlice<UInt8>, _ name: String, _ limit: Int,
        _ make: () throws(DecompressionFault) -> any Decompressor
    ) throws(AssayError) -> ArraySlice<UInt8> {
        let decompressor: any Decompressor
        do throws(DecompressionFault) {
            decompressor = try make()
        } catch {
            throw AssayError(.limit, "there is no memory to undo content encoding \(name)")
        }
        let hasMembers = name == "gzip" || name == "zstd"
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var rest = bytes
        while true {
            let (taken, made): (Int, Int)
            do throws(DecompressionFault) {
                (taken, made) = try decompressor.step(rest, into: &chunk)
            } catch {
                throw damaged(name, error.reason)
            }
            guard output.count + made <= limit else {
                throw AssayError(
                    .limit, "content encoding \(name) unpacks to more than \(ByteCount(limit))")
            }
            output += chunk[..<made]
            rest = rest.dropFirst(taken)
            if decompressor.isWhole {
                if rest.isEmpty { return output[...] }
                guard hasMembers else { throw damaged(name, "there is more after its end") }
            } else if taken == 0, made == 0 {
                throw damaged(name, "it ends too early")
            }
        }
    }

    private static func damaged(_ name: String, _ reason: String) -> AssayError {
        AssayError(.damaged, "could not undo content encoding \(name): \(reason)")
    }
}
