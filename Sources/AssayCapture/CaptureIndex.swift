import AssayCore

/// Where each exchange lies, and what is needed to choose among them without reading them.
///
/// A blob of zstd frames of lines, one for each exchange in time order, with tabs between the fields: id, start
/// in nanoseconds, number of the segment, offset and length of the frame in it, offset of the first
/// record in the expanded frame, session and route (both as JSON strings; no session: nothing).
struct CaptureIndex {
    /// One line.
    struct Entry: Hashable {
        var id: String
        var startedAt: Int64
        var segment: Int, offset: Int, length: Int, record: Int
        var session: String?
        var route: String
    }

    /// The entries in time order.
    var entries: [Entry] = []

    /// Appends an entry's line.
    static func append(_ entry: Entry, to bytes: inout [UInt8]) {
        bytes += entry.id.utf8
        let numbers = [
            Int(entry.startedAt), entry.segment, entry.offset, entry.length, entry.record,
        ]
        for number in numbers {
            bytes.append(0x09)
            bytes += String(number).utf8
        }
        bytes.append(0x09)
        if let session = entry.session { CanonicalJSON.appendString(session, to: &bytes) }
        bytes.append(0x09)
        CanonicalJSON.appendString(entry.route, to: &bytes)
        bytes.append(0x0A)
    }

    /// Adds the entries of one expanded frame.
    mutating func append(parsing bytes: [UInt8], name: String) throws(AssayError) {
        var position = 0
        while position < bytes.count {
            let end = bytes[position...].firstLineFeed ?? bytes.count
            guard let entry = Self.entry(bytes[position..<end]) else {
                throw AssayError(
                    .damaged, "\(name): line \(entries.count + 1) is not an index line")
            }
            entries.append(entry)
            position = end + 1
        }
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> Entry? {
        let parts = line.split(separator: 0x09, omittingEmptySubsequences: false)
        guard parts.count == 8, let startedAt = number(parts[1]), let segment = number(parts[2]),
            let offset = number(parts[3]), let length = number(parts[4]),
            let record = number(parts[5]), segment >= 0, offset >= 0, length > 0, record >= 0,
            let route = string(parts[7])
        else { return nil }
        var session: String?
        if !parts[6].isEmpty {
            guard let text = string(parts[6]) else { return nil }
            session = text
        }
        return Entry(
            id: String(decoding: parts[0], as: UTF8.self), startedAt: Int64(startedAt),
            segment: segment, offset: offset, length: length, record: record, session: session,
            route: route)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: bytes, as: UTF8.self))
    }

    /// A JSON string; one without escapes is taken as it stands.
    private static func string(_ bytes: ArraySlice<UInt8>) -> String? {
        let quote = UInt8(ascii: "\"")
        guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return nil }
        let inner = bytes.dropFirst().dropLast()
        if !inner.contains(UInt8(ascii: "\\")) { return String(decoding: inner, as: UTF8.self) }
        // The caller refuses an index with a line that cannot be read.
        guard case .string(let text)? = try? JSONParser.parse(Array(bytes), file: "index") else {
            return nil
        }
        return text
    }
}
