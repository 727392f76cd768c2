import AssayArchive
import AssayCore
import Glibc
import SystemPackage

/// Summarises CSV and TSV (RFC 4180, with any of `,` `;` `|` and the tab between fields).
///
/// One pass, flat in memory. The first record names the columns unless a number stands in it.
struct DelimitedReader {
    private var table = TableSummary()
    private var hasHeader = false
    private let path: FilePath
    private let delimiter: UInt8
    /// The start and end of each field of the record at hand, and whether it was quoted.
    private var fields: [(start: Int, end: Int, isQuoted: Bool)] = []
    private var unquoted: [UInt8] = []

    /// A record longer than this is a quote that is never closed.
    private static let maximumRecord = 64 << 20

    static func summarise(_ path: FilePath, isTabbed: Bool) throws(AssayError) -> TableSummary {
        var stream = try UnpackedStream(path)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var filled = try fill(&buffer, from: 0, &stream)
        let start = buffer.starts(with: [0xEF, 0xBB, 0xBF]) && filled >= 3 ? 3 : 0
        var reader = DelimitedReader(
            path: path,
            delimiter: isTabbed ? 0x09 : likeliestDelimiter(buffer[start..<filled]))
        var position = start
        var isAtEnd = filled < buffer.count
        while true {
            position = try reader.records(buffer, from: position, to: filled, isAtEnd: isAtEnd)
            if isAtEnd { break }
            let rest = filled - position
            if position == 0, rest == buffer.count {
                guard rest < maximumRecord else {
                    throw AssayError(
                        .limit,
                        "a record of \(path) is longer than \(ByteCount(maximumRecord)): is a quote left open?"
                    )
                }
                buffer += [UInt8](repeating: 0, count: buffer.count)
            } else {
                buffer.replaceSubrange(0..<rest, with: buffer[position..<filled])
            }
            filled = try fill(&buffer, from: rest, &stream)
            position = 0
            isAtEnd = filled < buffer.count
        }
        return reader.table
    }

    private init(path: FilePath, delimiter: UInt8) {
        self.path = path
        self.delimiter = delimiter
    }

    /// Reads until the buffer is full or the content ends; gives how much is in it.
    private static func fill(
        _ buffer: inout [UInt8], from start: Int, _ stream: inout UnpackedStream
    ) throws(AssayError) -> Int {
        var filled = start
        var fault: AssayError?
        unsafe buffer.withUnsafeMutableBytes { whole in
            do throws(AssayError) {
                while filled < whole.count {
                    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: whole[filled...])
                    let count = try unsafe stream.read(into: room)
                    if count == 0 { break }
                    filled += count
                }
            } catch { fault = error }
        }
        if let fault { throw fault }
        return filled
    }

    /// The delimiter that the first line has most of.
    private static func likeliestDelimiter(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        let line = bytes.prefix { $0 != 0x0A }
        let candidates: [UInt8] = [0x2C, 0x3B, 0x09, 0x7C]
        let counts = candidates.map { candidate in line.count { $0 == candidate } }
        guard let most = counts.max(), let index = counts.firstIndex(of: most), most > 0 else {
            return 0x2C
        }
        return candidates[index]
    }

    /// Takes the whole records out of the buffer; gives where the first that is not whole begins.
    private mutating func records(
        _ buffer: [UInt8], from start: Int, to end: Int, isAtEnd: Bool
    ) throws(AssayError) -> Int {
        var fault: AssayError?
        var position = start
        unsafe buffer.withUnsafeBytes { whole in
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: whole[..<end])
            do throws(AssayError) {
                while position < end,
                    let next = unsafe scan(bytes, from: position, isAtEnd: isAtEnd)
                {
                    try unsafe take(bytes)
                    position = next
                }
            } catch { fault = error }
        }
        if let fault { throw fault }
        return position
    }

    /// Finds the fields of one record; gives where the next begins, `nil` if this one goes on
    /// beyond the buffer.
    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer, from start: Int, isAtEnd: Bool
    ) -> Int? {
        fields.removeAll(keepingCapacity: true)
        let end = bytes.count
        var index = start
        while true {
            let field = index
            if index < end, unsafe bytes[index] == 0x22 {
                index += 1
                while true {
                    while index < end, unsafe bytes[index] != 0x22 { index += 1 }
                    guard index + 1 < end else {
                        guard isAtEnd else { return nil }
                        break
                    }
                    guard unsafe bytes[index + 1] == 0x22 else { break }
                    index += 2
                }
                let close = min(index, end)
                index = min(index + 1, end)
                // What follows a closing quote up to the delimiter belongs to no field.
                while index < end, unsafe bytes[index] != delimiter, unsafe bytes[index] != 0x0A {
                    index += 1
                }
                fields.append((field + 1, close, true))
            } else {
                while index < end, unsafe bytes[index] != delimiter, unsafe bytes[index] != 0x0A {
                    index += 1
                }
                fields.append((field, index, false))
            }
            guard index < end else { return isAtEnd ? end : nil }
            if unsafe bytes[index] == 0x0A {
                if let last = fields.last, !last.isQuoted, last.end > last.start,
                    unsafe bytes[last.end - 1] == 0x0D
                {
                    fields[fields.count - 1].end -= 1
                }
                return index + 1
            }
            index += 1
        }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) throws(AssayError) {
        if fields.count == 1, fields[0].start == fields[0].end, !fields[0].isQuoted { return }
        guard hasHeader else {
            hasHeader = true
            return try unsafe header(bytes)
        }
        try unsafe row(bytes)
    }

    private mutating func header(_ bytes: UnsafeRawBufferPointer) throws(AssayError) {
        var isData = false
        for field in fields where !field.isQuoted {
            switch unsafe TableField(self.bytes(of: field, bytes)) {
            case .integer, .real: isData = true
            default: break
            }
        }
        for (index, field) in fields.enumerated() {
            let name =
                isData
                ? "column \(index + 1)"
                : String(decoding: unsafe self.bytes(of: field, bytes), as: UTF8.self)
            try table.addColumn(name)
        }
        if isData { try unsafe row(bytes) }
    }

    private mutating func row(_ bytes: UnsafeRawBufferPointer) throws(AssayError) {
        var hash: UInt64 = 0
        let count = table.columns.count
        for (index, field) in fields.enumerated() {
            var content = unsafe self.bytes(of: field, bytes)
            if field.isQuoted, unsafe content.contains(0x22) {
                unsafe unquote(content)
                unsafe unquoted.withUnsafeBytes { plain in
                    hash = hash &* 31 &+ (unsafe ByteHash.hash(plain))
                    if index < count { unsafe table.add(.text, bytes: plain, to: index) }
                }
                continue
            }
            if !field.isQuoted { content = unsafe Self.trimmed(content) }
            hash = hash &* 31 &+ (unsafe ByteHash.hash(content))
            guard index < count else { continue }
            unsafe table.add(TableField(content), bytes: content, to: index)
        }
        for index in min(fields.count, count)..<count { table.addNull(to: index) }
        table.endRow(hash: hash, isRagged: fields.count != count)
    }

    private func bytes(
        of field: (start: Int, end: Int, isQuoted: Bool), _ bytes: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[field.start..<field.end])
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (start, end) = (0, bytes.count)
        while start < end, unsafe bytes[start] == 0x20 { start += 1 }
        while end > start, unsafe bytes[end - 1] == 0x20 || bytes[end - 1] == 0x0D { end -= 1 }
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private mutating func unquote(_ bytes: UnsafeRawBufferPointer) {
        unquoted.removeAll(keepingCapacity: true)
        var isSecond = false
        for byte in unsafe bytes {
            if byte == 0x22, !isSecond {
                isSecond = true
                continue
            }
            isSecond = false
            unquoted.append(byte)
        }
    }
}
