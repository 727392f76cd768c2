import AssayCore
import SystemPackage

/// Reads the records of a WARC file one by one.
struct WARCRecords: ~Copyable {
    /// One record.
    struct Record {
        /// What its fields say; empty where they are not there.
        var type = "", id = "", contentType = "", target = ""
        var date: String?
        var concurrent: [String] = []
        var isTruncated = false
        /// All of it, with the line breaks behind it, and where its block lies in that.
        var bytes: [UInt8] = []
        var place: Range<Int> = 0..<0

        var block: ArraySlice<UInt8> { bytes[place] }
        /// Whether Assay wrote it.
        var isOwn: Bool { id.hasPrefix("<urn:assay:") }
    }

    private var input: ImportBuffer
    /// A head and a block are never larger.
    private static let maximumHead = 64 << 10, maximumBlock = 256 << 20

    init(_ path: FilePath) throws(AssayError) {
        input = try ImportBuffer(path)
    }

    /// The next record; `nil` at the end. Throws `.damaged` with the byte offset for what is none.
    mutating func next() throws(AssayError) -> Record? {
        while try input.fill(1), let byte = input.byte(at: 0), byte == 0x0D || byte == 0x0A {
            input.advance(1)
        }
        guard try input.fill(1) else {
            guard input.failure == nil else { throw input.damaged("cannot be read on") }
            return nil
        }
        var record = Record()
        let (head, length) = try self.head(&record)
        guard try input.fill(head + length) else {
            throw input.damaged("is cut short in the record that begins")
        }
        // Two line breaks end a record; some programs leave them out at the end of the file.
        _ = try input.fill(head + length + 4)
        let tail = input.ahead.dropFirst(head + length).prefix(4)
        guard
            tail.elementsEqual([0x0D, 0x0A, 0x0D, 0x0A])
                || (input.atEnd && input.failure == nil && tail.isEmpty)
        else {
            if input.atEnd, tail.count < 4 {
                throw input.damaged("is cut short behind the record that begins")
            }
            throw input.damaged("holds a record that is not as long as it says")
        }
        record.bytes = Array(input.ahead.prefix(head + length + tail.count))
        record.place = head..<(head + length)
        input.advance(record.bytes.count)
        return record
    }

    /// Goes to the next place that looks like a record; false if there is none.
    mutating func skipDamage() throws(AssayError) -> Bool {
        if try input.fill(1) { input.advance(1) }
        let mark = Array("\r\n\r\nWARC/".utf8)
        while true {
            if let place = ByteSearch.first(mark, in: input.bytes, from: input.start) {
                input.advance(place + 4 - input.start)
                return true
            }
            input.advance(max(0, input.count - mark.count))
            guard try input.grow() else { return false }
        }
    }

    /// Reads the fields; gives the size of the head with its empty line, and that of the block.
    private mutating func head(_ record: inout Record) throws(AssayError) -> (Int, Int) {
        var place = 0
        var length: Int?
        while true {
            while true {
                let rest = input.ahead.dropFirst(place)
                if rest.firstLineFeed != nil || input.count > Self.maximumHead { break }
                guard try input.grow() else {
                    throw input.damaged("is cut short in the head of the record that begins")
                }
            }
            guard let feed = input.ahead.dropFirst(place).firstLineFeed else {
                throw input.damaged("holds no WARC record")
            }
            var line = input.ahead[(input.start + place)..<feed]
            if line.last == 0x0D { line = line.dropLast() }
            if place == 0, !line.starts(with: "WARC/".utf8) {
                throw input.damaged("holds no WARC record")
            }
            place = feed + 1 - input.start
            if line.isEmpty { break }
            try field(line, &record, &length)
        }
        guard let length, length <= Self.maximumBlock else {
            throw input.damaged("holds a record without a length, or one too large,")
        }
        return (place, length)
    }

    private func field(
        _ line: ArraySlice<UInt8>, _ record: inout Record, _ length: inout Int?
    ) throws(AssayError) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        var bytes = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        let value = String(decoding: bytes, as: UTF8.self)
        switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
        case "warc-type": record.type = value
        case "warc-record-id": record.id = value
        case "warc-date": record.date = value
        case "warc-target-uri": record.target = value
        case "warc-concurrent-to": record.concurrent.append(value)
        case "warc-truncated": record.isTruncated = true
        case "content-type": record.contentType = value.lowercased()
        case "content-length":
            guard let number = Int(value), number >= 0 else {
                throw input.damaged("holds a record whose length is no number,")
            }
            length = number
        default: break
        }
    }
}
