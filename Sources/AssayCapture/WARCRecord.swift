import AssayCore

/// One record of a WARC/1.1 file (ISO 28500): fields and a block of bytes.
struct WARCRecord: Hashable {
    /// The fields in the order in which they are written.
    var fields: [(name: String, value: String)]
    /// The block.
    var block: ArraySlice<UInt8>

    static func == (left: Self, right: Self) -> Bool {
        left.block == right.block && left.fields.elementsEqual(right.fields) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(block) }

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Appends the record as it stands in a file; `Content-Length` is added.
    func append(to bytes: inout [UInt8]) {
        bytes += "WARC/1.1\r\n".utf8
        for (name, value) in fields { bytes += "\(name): \(value)\r\n".utf8 }
        bytes += "Content-Length: \(block.count)\r\n\r\n".utf8
        bytes += block
        bytes += "\r\n\r\n".utf8
    }

    /// Reads the record that starts `bytes`, and moves `bytes` behind it.
    static func take(from bytes: inout ArraySlice<UInt8>) throws(AssayError) -> WARCRecord {
        var fields: [(name: String, value: String)] = []
        var length: Int?
        guard try line(&bytes) == "WARC/1.1" else {
            throw damaged("it does not start with WARC/1.1")
        }
        while true {
            let text = try line(&bytes)
            if text.isEmpty { break }
            guard let colon = text.firstIndex(of: ":") else {
                throw damaged("a field has no colon")
            }
            let name = String(text[..<colon])
            let value = String(text[text.index(after: colon)...].drop { $0 == " " })
            if name == "Content-Length" {
                length = Int(value)
            } else {
                fields.append((name, value))
            }
        }
        guard let length, length >= 0, length <= bytes.count - 4 else {
            throw damaged("its block is cut short")
        }
        let block = bytes.prefix(length)
        bytes = bytes.dropFirst(length)
        guard bytes.prefix(4).elementsEqual([0x0D, 0x0A, 0x0D, 0x0A]) else {
            throw damaged("its block is not followed by two line breaks")
        }
        bytes = bytes.dropFirst(4)
        return WARCRecord(fields: fields, block: block)
    }

    private static func line(_ bytes: inout ArraySlice<UInt8>) throws(AssayError) -> String {
        guard let end = bytes.firstIndex(of: 0x0A), end > bytes.startIndex, bytes[end - 1] == 0x0D
        else {
            throw damaged("a line of its head has no end")
        }
        let text = String(decoding: bytes[..<(end - 1)], as: UTF8.self)
        bytes = bytes[(end + 1)...]
        return text
    }

    static func damaged(_ reason: String) -> AssayError {
        AssayError(.damaged, "a WARC record cannot be read: \(reason)")
    }
}
