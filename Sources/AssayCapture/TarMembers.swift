public import AssayCore
import AssaySystem
public import SystemPackage

/// Reads the files in a tar archive (POSIX ustar and pax, GNU names), packed with gzip or not, one
/// after the other; each is put into a file of its own while it is looked at.
public struct TarMembers: ~Copyable {
    private var input: ImportBuffer
    private let directory: FilePath
    private var number = 0

    /// Opens an archive; members are put into `directory`.
    public init(_ path: FilePath, in directory: FilePath) throws(AssayError) {
        input = try ImportBuffer(path)
        self.directory = directory
    }

    /// Whether a file is such an archive.
    public static func recognises(_ path: FilePath) throws(AssayError) -> Bool {
        var input = try ImportBuffer(path)
        do throws(AssayError) {
            guard try input.fill(512) else { return false }
        } catch {
            guard error.code == .damaged else { throw error }
            return false
        }
        return input.ahead.dropFirst(257).starts(with: "ustar".utf8)
    }

    /// The next file: its name in the archive and where it lies now; `nil` at the end.
    ///
    /// Throws `.damaged` with the byte offset for an archive that is hurt or cut short.
    public mutating func next() throws(AssayError) -> (name: String, path: FilePath)? {
        var longName: String?
        while true {
            guard try input.fill(512) else {
                // Two empty blocks end an archive; many programs leave them out.
                guard input.count == 0, input.failure == nil else {
                    throw input.damaged("is cut short in the header")
                }
                return nil
            }
            let header = Array(input.ahead.prefix(512))
            if header.allSatisfy({ $0 == 0 }) { return nil }
            guard let size = Self.number(header[124..<136]), Self.isSound(header) else {
                throw input.damaged("holds no header of a tar archive")
            }
            input.advance(512)
            let kind = header[156]
            switch kind {
            case UInt8(ascii: "L"), UInt8(ascii: "x"):
                let data = try small(size)
                longName = kind == UInt8(ascii: "L") ? Self.text(data[...]) : Self.paxPath(data)
            case UInt8(ascii: "0"), 0:
                var name = Self.text(header[0..<100])
                let prefix = Self.text(header[345..<500])
                if !prefix.isEmpty { name = "\(prefix)/\(name)" }
                let path = directory.appending("member-\(number)")
                number += 1
                try copy(size, to: path)
                return (longName ?? name, path)
            default:
                try skip(size)
                if kind != UInt8(ascii: "g") { longName = nil }
            }
        }
    }

    private mutating func small(_ size: Int) throws(AssayError) -> [UInt8] {
        guard size <= 1 << 20, try input.fill(Self.padded(size)) else {
            throw input.damaged("is cut short in a name")
        }
        let data = Array(input.ahead.prefix(size))
        input.advance(Self.padded(size))
        return data
    }

    private mutating func copy(_ size: Int, to path: FilePath) throws(AssayError) {
        let file = try OpenFile.creating(path, mode: 0o600)
        var left = size
        while left > 0 {
            guard try input.fill(1) else { throw input.damaged("is cut short in a file") }
            let part = min(left, input.count)
            try file.write(input.ahead.prefix(part))
            input.advance(part)
            left -= part
        }
        try skipPadding(size)
    }

    private mutating func skip(_ size: Int) throws(AssayError) {
        var left = size
        while left > 0 {
            guard try input.fill(1) else { throw input.damaged("is cut short in a file") }
            let part = min(left, input.count)
            input.advance(part)
            left -= part
        }
        try skipPadding(size)
    }

    private mutating func skipPadding(_ size: Int) throws(AssayError) {
        let padding = Self.padded(size) - size
        guard try input.fill(padding) else { throw input.damaged("is cut short behind a file") }
        input.advance(padding)
    }

    private static func padded(_ size: Int) -> Int { (size + 511) & ~511 }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// An octal number; `nil` for anything else.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        let digits = bytes.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    /// Whether a header has the checksum that it says.
    private static func isSound(_ header: [UInt8]) -> Bool {
        var sum = 0
        for (index, byte) in header.enumerated() {
            sum += (148..<156).contains(index) ? 0x20 : Int(byte)
        }
        return number(header[148..<156]) == sum
    }

    /// The path that the records of a pax header name, each as `LENGTH name=value`.
    private static func paxPath(_ bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: 0x0A) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
            if words.count == 2, words[1].hasPrefix("path=") {
                return String(words[1].dropFirst(5))
            }
        }
        return nil
    }
}
