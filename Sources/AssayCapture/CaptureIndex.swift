import AssayCore

/// Where each exchange lies, and what is needed to choose among them without reading them.
///
/// A zstd blob of lines, one for each exchange in time order, with tabs between the fields: id, start
/// in nanoseconds, number of the segment, offset and length of the frame in it, session (escaped as a
/// JSON string).
struct CaptureIndex {
    /// One line.
    struct Entry: Hashable {
        let id: String
        let startedAt: Int64
        let segment: Int, offset: Int, length: Int
        let session: String?
    }

    /// The entries in time order.
    var entries: [Entry] = []

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes +=
                "\(entry.id)\t\(entry.startedAt)\t\(entry.segment)\t\(entry.offset)\t\(entry.length)\t"
                .utf8
            if let session = entry.session { CanonicalJSON.appendString(session, to: &bytes) }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    init(entries: [Entry] = []) {
        self.entries = entries
    }

    init(parsing bytes: [UInt8], name: String) throws(AssayError) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            let text = parts.prefix(5).map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 6, let startedAt = Int64(text[1]), let segment = Int(text[2]),
                let offset = Int(text[3]), let length = Int(text[4]), offset >= 0, length > 0,
                segment >= 0
            else {
                throw AssayError(
                    .damaged, "\(name): line \(entries.count + 1) is not an index line")
            }
            var session: String?
            if !parts[5].isEmpty {
                guard case .string(let value) = try JSONParser.parse(Array(parts[5]), file: name)
                else {
                    throw AssayError(.damaged, "\(name): line \(entries.count + 1) has no session")
                }
                session = value
            }
            entries.append(
                Entry(
                    id: text[0], startedAt: startedAt, segment: segment, offset: offset,
                    length: length,
                    session: session))
        }
    }
}
