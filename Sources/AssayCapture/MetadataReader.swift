import AssayCore

/// The metadata of an exchange, read from its canonical JSON in one pass.
///
/// Reading a capture for replay is bound by this, so that no document is built.
struct MetadataReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    var id = ""
    var startedAt: Int64 = 0, firstByteAfter: Int64 = 0, endedAfter: Int64 = 0
    var session: String?, trace: String?, key: String?, label: String?
    var route = ""
    var slices: [String: String] = [:]
    var calls: [(startedAfter: Int64, endedAfter: Int64)] = []
    var bundle: Digest?
    var redacted: [String] = []

    /// Reads the metadata that lies in a range of bytes.
    ///
    /// Throws `.damaged` for what is not canonical, `.unsupported` for a member that is not known.
    static func read(_ bytes: [UInt8], _ range: Range<Int>) throws(AssayError) -> MetadataReader {
        var reader = MetadataReader(bytes: bytes, position: range.lowerBound, end: range.upperBound)
        try reader.members { (reader, name) throws(AssayError) in try reader.member(name) }
        guard reader.position == reader.end, isID(reader.id) else { throw reader.malformed }
        guard reader.hasPossibleTimes else { throw WARCScanner.damaged(Exchange.impossibleTimes) }
        return reader
    }

    /// Whether a text is 16 hexadecimal digits, followed perhaps by a point and an ordinal.
    static func isID(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (16...32).contains(bytes.count) else { return false }
        for (index, byte) in bytes.enumerated() {
            let isDigit = (0x30...0x39).contains(byte)
            switch index {
            case ..<16: guard isDigit || (0x61...0x66).contains(byte) else { return false }
            case 16: guard byte == UInt8(ascii: "."), bytes.count > 17 else { return false }
            default: guard isDigit else { return false }
            }
        }
        return true
    }

    private var hasPossibleTimes: Bool {
        Exchange.isPossible(startedAt: startedAt) && Exchange.isPossible(after: firstByteAfter)
            && Exchange.isPossible(after: endedAfter)
            && calls.allSatisfy {
                Exchange.isPossible(after: $0.startedAfter)
                    && Exchange.isPossible(after: $0.endedAfter)
            }
    }

    private init(bytes: [UInt8], position: Int, end: Int) {
        self.bytes = bytes
        self.position = position
        self.end = end
    }

    private mutating func member(_ name: String) throws(AssayError) {
        switch name {
        case "id": id = try string()
        case "startedAt": startedAt = try integer()
        case "firstByteAfter": firstByteAfter = try integer()
        case "endedAfter": endedAfter = try integer()
        case "session": session = try string()
        case "trace": trace = try string()
        case "key": key = try string()
        case "label": label = try string()
        case "route": route = try string()
        // The first writers wrote null where there were none of these.
        case "slices" where accept("null"), "egress" where accept("null"): break
        case "slices":
            try members { (reader, name) throws(AssayError) in
                reader.slices[name] = try reader.string()
            }
        case "egress":
            try elements { (reader) throws(AssayError) in
                try reader.expect(UInt8(ascii: "["))
                let start = try reader.integer()
                try reader.expect(UInt8(ascii: ","))
                reader.calls.append((start, try reader.integer()))
                try reader.expect(UInt8(ascii: "]"))
            }
        case "redacted":
            try elements { (reader) throws(AssayError) in
                reader.redacted.append(try reader.string())
            }
        case "bundle":
            guard let digest = Digest(try string()) else { throw malformed }
            bundle = digest
        default:
            throw AssayError(
                .unsupported,
                "the metadata of an exchange has a member \(name) that this version "
                    + "does not know")
        }
    }

    private mutating func members(
        _ body: (inout MetadataReader, String) throws(AssayError) -> Void
    ) throws(AssayError) {
        try expect(UInt8(ascii: "{"))
        if accept(UInt8(ascii: "}")) { return }
        repeat {
            let name = try string()
            try expect(UInt8(ascii: ":"))
            try body(&self, name)
        } while accept(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    private mutating func elements(
        _ body: (inout MetadataReader) throws(AssayError) -> Void
    ) throws(AssayError) {
        try expect(UInt8(ascii: "["))
        if accept(UInt8(ascii: "]")) { return }
        repeat { try body(&self) } while accept(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    private mutating func string() throws(AssayError) -> String {
        let start = position
        try expect(UInt8(ascii: "\""))
        var isEscaped = false
        while position < end, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") {
                isEscaped = true
                position += 1
            }
            position += 1
        }
        try expect(UInt8(ascii: "\""))
        guard isEscaped else {
            return String(decoding: bytes[(start + 1)..<(position - 1)], as: UTF8.self)
        }
        let whole = Array(bytes[start..<position])
        guard case .string(let text) = try JSONParser.parse(whole, file: "metadata") else {
            throw malformed
        }
        return text
    }

    private mutating func integer() throws(AssayError) -> Int64 {
        let isNegative = accept(UInt8(ascii: "-"))
        let first = position
        var value: Int64 = 0
        while position < end, (0x30...0x39).contains(bytes[position]) {
            let (product, isLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isLarger) = product.subtractingReportingOverflow(
                Int64(bytes[position] - 0x30))
            guard !isLarge, !isLarger else { throw malformed }
            value = sum
            position += 1
        }
        guard position > first, isNegative || value != .min else { throw malformed }
        return isNegative ? value : -value
    }

    private mutating func accept(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard position + count <= end,
            bytes[position..<position + count].elementsEqual(word.description.utf8)
        else { return false }
        position += count
        return true
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(AssayError) {
        guard accept(byte) else { throw malformed }
    }

    private var malformed: AssayError {
        WARCScanner.damaged("the metadata of an exchange is not canonical JSON")
    }
}
