import AssayCore

/// Finds the records of captures in bytes, without copying them.
struct WARCScanner {
    /// The bytes it looks at.
    let bytes: [UInt8]
    /// Where the next record starts.
    private(set) var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// One record: its kind, its block and the dependency that its header names.
    struct Record {
        let kind: WARCWriter.Kind
        let block: Range<Int>
        let egress: Range<Int>?
    }

    /// The next record; `nil` at the end. Throws `.damaged` for bytes that are no record.
    mutating func next() throws(AssayError) -> Record? {
        guard position < bytes.count else { return nil }
        let start = position
        let (record, end) = try unsafe bytes.withUnsafeBufferPointer {
            (buffer) throws(AssayError) -> (Record, Int) in
            try unsafe Self.scan(buffer, from: start)
        }
        position = end
        return record
    }

    private static let version = Array("WARC/1.1\r".utf8)
    private static let type = Array("WARC-Type: ".utf8)
    private static let length = Array("Content-Length: ".utf8)
    private static let egress = Array("WARC-Assay-Egress: ".utf8)

    private static func scan(
        _ buffer: UnsafeBufferPointer<UInt8>, from start: Int
    ) throws(AssayError) -> (Record, Int) {
        var line = start
        var kind: WARCWriter.Kind?
        var size: Int?
        var name: Range<Int>?
        while let feed = unsafe ByteSearch.first(0x0A, in: buffer, from: line) {
            guard feed > line, unsafe buffer[feed - 1] == 0x0D else { break }
            let end = feed - 1
            if line == start {
                guard unsafe holds(version, in: buffer, at: line), end == line + 8 else {
                    throw damaged("it does not start with WARC/1.1")
                }
            } else if end == line {
                guard let kind else { throw damaged("it has no type that captures use") }
                guard let size, size <= buffer.count - feed - 5 else {
                    throw damaged("its block is cut short")
                }
                let block = feed + 1..<feed + 1 + size
                let tail = block.upperBound
                guard unsafe buffer[tail] == 0x0D, unsafe buffer[tail + 1] == 0x0A,
                    unsafe buffer[tail + 2] == 0x0D, unsafe buffer[tail + 3] == 0x0A
                else { throw damaged("its block is not followed by two line breaks") }
                return (Record(kind: kind, block: block, egress: name), tail + 4)
            } else if unsafe holds(type, in: buffer, at: line) {
                kind = unsafe WARCWriter.Kind(
                    rawValue: text(buffer, line + type.count, end))
            } else if unsafe holds(length, in: buffer, at: line) {
                size = unsafe number(buffer, line + length.count, end)
            } else if unsafe holds(egress, in: buffer, at: line) {
                name = line + egress.count..<end
            }
            line = feed + 1
        }
        throw damaged("a line of its head has no end")
    }

    private static func holds(
        _ pattern: [UInt8], in buffer: UnsafeBufferPointer<UInt8>, at start: Int
    ) -> Bool {
        guard buffer.count - start >= pattern.count else { return false }
        for index in pattern.indices where unsafe buffer[start + index] != pattern[index] {
            return false
        }
        return true
    }

    private static func text(
        _ buffer: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) -> String {
        unsafe String(decoding: UnsafeBufferPointer(rebasing: buffer[start..<end]), as: UTF8.self)
    }

    private static func number(
        _ buffer: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) -> Int? {
        guard (1...15).contains(end - start) else { return nil }
        var value = 0
        for index in start..<end {
            let byte = unsafe buffer[index]
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    static func damaged(_ reason: String) -> AssayError {
        AssayError(.damaged, "a WARC record cannot be read: \(reason)")
    }
}
