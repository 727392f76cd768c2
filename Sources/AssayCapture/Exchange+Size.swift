import AssayCore

extension Exchange {
    /// No exchange is larger, so that a frame with it is one that can be read back: what is in the frame
    /// before it, and the fields of its records, are far less than the rest.
    static let maximumSize = ZstdFrame.maximumContent / 2

    /// Bytes of its messages and metadata, of which a character may become six bytes of JSON.
    var size: Int {
        var size = request.count + response.count + route.utf8.count
        for text in [session, trace, key, label] { size += 6 * (text?.utf8.count ?? 0) }
        for (name, value) in slices { size += 6 * (name.utf8.count + value.utf8.count) }
        for call in egress {
            // A call has two records, with fields of their own.
            size += call.request.count + call.response.count + 4 * call.name.utf8.count + 1024
        }
        return size
    }

    /// Throws `.limit` for an exchange that is larger than a capture holds.
    func checkSize() throws(AssayError) {
        guard size <= Self.maximumSize else {
            throw AssayError(
                .limit,
                "an exchange is larger than the \(ByteCount(Self.maximumSize)) that a capture holds"
            )
        }
    }
}
