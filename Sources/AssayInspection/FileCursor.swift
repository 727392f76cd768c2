import AssayCore
import AssaySystem
import SystemPackage

/// Reads small values from a file one after the other, through a window of its bytes.
struct FileCursor: ~Copyable {
    private let file: OpenFile
    private let path: FilePath
    /// The size of the file.
    let size: Int
    /// Where the next value begins.
    private(set) var position: Int
    private var window: [UInt8] = []
    private var windowStart = 0

    private static let step = 1 << 16
    /// No text of a header is longer than this.
    private static let maximumText = 64 << 20

    init(_ file: consuming OpenFile, path: FilePath, from position: Int) throws(AssayError) {
        size = try file.status().size
        self.file = file
        self.path = path
        self.position = position
    }

    /// The next `count` bytes; throws `.damaged` if the file has not so many.
    mutating func bytes(_ count: Int) throws(AssayError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= size - position else {
            throw AssayError(
                .damaged, "\(path) is cut short: \(count) bytes are missing at \(position)")
        }
        if position < windowStart || position + count > windowStart + window.count {
            window = try file.read(
                count: min(size - position, max(count, Self.step)), at: position)
            windowStart = position
        }
        let start = position - windowStart
        position += count
        return window[start..<(start + count)]
    }

    mutating func seek(_ place: Int) throws(AssayError) {
        guard place >= 0, place <= size else {
            throw AssayError(.damaged, "\(path) has no byte \(place)")
        }
        position = place
    }

    mutating func skip(_ count: Int) throws(AssayError) {
        guard count >= 0, count <= size - position else {
            throw AssayError(.damaged, "\(path) is cut short at \(position)")
        }
        position += count
    }

    mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type
    ) throws(AssayError) -> Value {
        let bytes = try bytes(MemoryLayout<Value>.size)
        var value: Value = 0
        for (index, byte) in bytes.enumerated() {
            value |= Value(truncatingIfNeeded: byte) << Value(truncatingIfNeeded: index * 8)
        }
        return value
    }

    mutating func uint32() throws(AssayError) -> UInt32 { try integer(UInt32.self) }

    /// A count or an offset of 64 bits that can be one in a file.
    mutating func count() throws(AssayError) -> Int {
        let value = try integer(UInt64.self)
        guard value < 1 << 48 else {
            throw AssayError(.damaged, "\(path) is hurt: a count of \(value) at \(position - 8)")
        }
        return Int(value)
    }

    /// A text with its length of 64 bits before it.
    mutating func text() throws(AssayError) -> String {
        let length = try count()
        guard length <= Self.maximumText else {
            throw AssayError(.damaged, "\(path) is hurt: a text of \(length) bytes")
        }
        return String(decoding: try bytes(length), as: UTF8.self)
    }

    /// A number of Protocol Buffers: seven bits a byte, the lowest first.
    mutating func varint() throws(AssayError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            let byte = try integer(UInt8.self)
            if shift < 64 { value |= UInt64(byte & 0x7F) << UInt64(shift) }
            if byte & 0x80 == 0 { return value }
        }
        throw AssayError(.damaged, "\(path) is hurt: a number at \(position) has no end")
    }
}
