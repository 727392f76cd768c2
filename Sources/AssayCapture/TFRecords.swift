import AssayCore
import SystemPackage

/// Reads TFRecord files: length (8 bytes, little-endian), its masked CRC-32C, data, its masked CRC.
struct TFRecords: ~Copyable {
    private var input: ImportBuffer
    /// A record is never larger.
    private static let maximumRecord = 256 << 20

    init(_ path: FilePath) throws(AssayError) {
        input = try ImportBuffer(path)
    }

    /// Whether a file begins with a record's length and the checksum that goes with it.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(start.prefix(12))
        return bytes.count == 12 && number(bytes[8...]) == UInt64(CRC32C.masked(bytes[..<8]))
    }

    /// The data of the next record; `nil` at the end. Throws `.damaged` with the byte offset.
    mutating func next() throws(AssayError) -> [UInt8]? {
        guard try input.fill(1) else {
            guard input.failure == nil else { throw input.damaged("cannot be read on") }
            return nil
        }
        guard try input.fill(12) else {
            throw input.damaged("is cut short in the record that begins")
        }
        guard Self.recognises(input.ahead) else {
            throw input.damaged("holds no TFRecord, or one whose length is damaged,")
        }
        let length = Self.number(input.ahead.prefix(8))
        guard length <= UInt64(Self.maximumRecord) else {
            throw input.damaged("holds a record beyond \(ByteCount(Self.maximumRecord))")
        }
        let size = Int(length)
        guard try input.fill(size + 16) else {
            throw input.damaged("is cut short in the record that begins")
        }
        let data = Array(input.ahead.dropFirst(12).prefix(size))
        let sum = Self.number(input.ahead.dropFirst(12 + size).prefix(4))
        let error = input.damaged("holds a record whose data has another checksum")
        input.advance(size + 16)
        guard sum == UInt64(CRC32C.masked(data[...])) else { throw error }
        return data
    }

    /// Whether the length of the record ahead is whole, so that reading can go on behind damage.
    mutating func canGoOn() throws(AssayError) -> Bool {
        guard try input.fill(12), Self.recognises(input.ahead) else { return false }
        let length = Self.number(input.ahead.prefix(8))
        guard length <= UInt64(Self.maximumRecord) else { return false }
        return try input.fill(Int(length) + 16)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// CRC-32C (Castagnoli), as RFC 3720 describes it, and the mask of TFRecord.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
        return value
    }

    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        unsafe table.withUnsafeBufferPointer { table in
            var sum: UInt32 = .max
            for byte in bytes {
                sum = unsafe sum >> 8 ^ table[Int((sum ^ UInt32(byte)) & 0xFF)]
            }
            return ~sum
        }
    }

    static func masked(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
