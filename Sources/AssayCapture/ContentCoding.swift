import AssayCore

/// Undoes the content encodings of bodies, as far as reading an exchange needs it.
enum ContentCoding {
    /// A body never expands to more than this.
    static let maximumBody = 64 << 20

    /// The body of a message without its content encoding; `nil` for an encoding that is not known
    /// here or content that is damaged.
    static func decoded(_ message: HTTPMessage) -> [UInt8]? {
        let codings = message.head.values(of: "content-encoding").flatMap { value in
            value.split(separator: ",").map { $0.filter { $0 != " " }.lowercased() }
        }
        var body = Array(message.body)
        for coding in codings.reversed() where coding != "identity" && !body.isEmpty {
            guard let next = undo(coding, of: body) else { return nil }
            body = next
        }
        return body
    }

    private static func undo(_ coding: String, of body: [UInt8]) -> [UInt8]? {
        do throws(AssayError) {
            switch coding {
            case "gzip", "x-gzip":
                var inflater = try GzipInflater()
                var input = body
                var output: [UInt8] = []
                _ = try inflater.read(&input, into: &output, limit: maximumBody, name: "a body")
                _ = try inflater.read(&input, into: &output, limit: maximumBody, name: "a body")
                return output
            case "zstd":
                return try ZstdFrame.expand(body[...])
            default: return nil
            }
        } catch {
            return nil
        }
    }
}
