import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Finds blobs in a tar by the last part of their names, without unpacking it.
///
/// Reads the headers of POSIX ustar and pax and of GNU tar, as `oci-archive:` writes them. Nothing in
/// it is trusted: what is taken out is hashed.
enum TarIndex {
    /// Where the content of a file lies in the archive.
    struct Place: Hashable {
        let offset: Int, size: Int
    }

    private static let block = 512

    /// The files whose names end in 64 hexadecimal digits. Throws `.damaged` for what is no tar or
    /// ends too early.
    static func read(_ path: FilePath) throws(AssayError) -> [Digest: Place] {
        let file = try OpenFile.reading(path)
        let end = try file.status().size
        var places: [Digest: Place] = [:]
        var offset = 0
        var paxSize: Int?
        while offset + block <= end {
            let header = try file.read(count: block, at: offset)
            if header.allSatisfy({ $0 == 0 }) { return places }
            guard isHeader(header), let size = paxSize ?? number(header[124..<136]), size >= 0,
                size <= end - offset - block
            else {
                throw AssayError(
                    .damaged, "\(path) is no tar, or a damaged one: byte \(offset) begins no file",
                    hint: "an archive has to be uncompressed")
            }
            paxSize = nil
            let content = offset + block
            if header[156] == UInt8(ascii: "x") {
                guard size <= 1 << 20 else {
                    throw AssayError(.limit, "\(path) has a pax header of \(ByteCount(size))")
                }
                paxSize = Self.size(inRecords: try file.read(count: size, at: content))
            } else {
                let name = header[..<100].prefix { $0 != 0 }
                let last = name.split(separator: UInt8(ascii: "/")).last ?? name
                if let digest = Digest(hex: String(decoding: last, as: UTF8.self)) {
                    places[digest] = Place(offset: content, size: size)
                }
            }
            offset = content + (size + block - 1) / block * block
        }
        throw AssayError(.damaged, "\(path) is no tar, or is cut short")
    }

    /// Whether the checksum of a header is right: the sum of its bytes, its own field as spaces.
    private static func isHeader(_ header: [UInt8]) -> Bool {
        var sum = 0
        for (index, byte) in header.enumerated() {
            sum += (148..<156).contains(index) ? 32 : Int(byte)
        }
        return number(header[148..<156]) == sum
    }

    /// A number: octal digits, or of GNU tar 63 bits behind a first bit that is set.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            // The field of the checksum has no byte before the last eight.
            guard field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(8).reduce(into: UInt64(0)) { $0 = $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
        let digits = String(decoding: field, as: UTF8.self)
            .trimmingPrefix { $0 == " " }.prefix { $0 != " " && $0 != "\0" }
        return Int(digits, radix: 8)
    }

    /// The record `size` of a pax header: lines of `<length> <key>=<value>`.
    private static func size(inRecords bytes: [UInt8]) -> Int? {
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            let record = line[line.index(after: space)...]
            if record.hasPrefix("size=") { return Int(record.dropFirst(5)) }
        }
        return nil
    }
}
