public import AssayCore

extension HTTPHead {
    /// Reads a head: the bytes up to and with the empty line.
    ///
    /// Lines end in CR LF. What RFC 9112 calls obsolete or what two readers could read in two ways is
    /// refused: folded lines, white space before the colon, a bare CR, control characters.
    public init(parsing bytes: ArraySlice<UInt8>) throws(AssayError) {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == 0x0D {
                guard index + 1 < bytes.endIndex, bytes[index + 1] == 0x0A else {
                    throw Self.malformed("a line of its head has a bare CR")
                }
                lines.append(bytes[start..<index])
                index += 2
                start = index
                continue
            }
            guard bytes[index] != 0x0A else {
                throw Self.malformed("a line of its head ends in a bare LF")
            }
            index += 1
        }
        guard start == bytes.endIndex, lines.count >= 2, lines.last?.isEmpty == true else {
            throw Self.malformed("its head has no empty line at the end")
        }
        guard let first = lines.first, !first.isEmpty,
            first.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { throw Self.malformed("its first line is empty or holds control characters") }
        var fields: [Field] = []
        for line in lines.dropFirst().dropLast() { fields.append(try Self.field(line)) }
        self.init(startLine: String(decoding: first, as: UTF8.self), fields: fields)
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(AssayError) -> Field {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
            throw malformed("a header line has no name and colon")
        }
        let name = line[..<colon]
        guard name.allSatisfy(isToken) else {
            throw malformed("a header's name holds white space or a character it may not")
        }
        var value = line[(colon + 1)...]
        while let byte = value.first, byte == 0x20 || byte == 0x09 { value = value.dropFirst() }
        while let byte = value.last, byte == 0x20 || byte == 0x09 { value = value.dropLast() }
        guard value.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
            throw malformed("a header's value holds control characters")
        }
        return Field(
            name: String(decoding: name, as: UTF8.self),
            value: String(decoding: value, as: UTF8.self))
    }

    /// A character of a field's name (RFC 9110, 5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    static func malformed(_ reason: String) -> AssayError {
        AssayError(.damaged, "an HTTP message cannot be read: \(reason)")
    }
}
