import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// A file of `cache/`: a mark of its format, the digest of what follows, and that.
///
/// Whatever is wrong with it, it counts as absent: what it says can be found out again.
struct CacheFile {
    let path: FilePath
    /// Names the format and its version.
    let mark: String
    /// A larger file counts as absent, and is not written.
    static let limit = 512 << 20

    /// What was written; `nil` if there is none or it is damaged.
    func read() throws(AssayError) -> [UInt8]? {
        guard let status = try FileSystem.status(of: path), status.kind == .file,
            status.size <= Self.limit
        else { return nil }
        let bytes: [UInt8]
        do throws(AssayError) {
            bytes = try FileSystem.read(path, limit: Self.limit)
        } catch  where error.code == .notFound {
            return nil
        }
        let head = mark.utf8.count + Digest.byteCount
        guard bytes.count >= head, bytes.starts(with: mark.utf8) else { return nil }
        let expected = unsafe bytes.withUnsafeBytes {
            unsafe Digest(UnsafeRawBufferPointer(rebasing: $0[mark.utf8.count..<head]))
        }
        var hasher = SHA256Hasher()
        unsafe bytes.withUnsafeBytes {
            unsafe hasher.update(UnsafeRawBufferPointer(rebasing: $0[head...]))
        }
        return hasher.finish() == expected ? Array(bytes[head...]) : nil
    }

    /// Replaces the file in one step; it need not survive a crash of the machine.
    func write(_ content: [UInt8]) throws(AssayError) {
        guard content.count < Self.limit else { return }
        let directory = path.removingLastComponent()
        try FileSystem.makeDirectory(directory)
        var bytes = Array(mark.utf8)
        Digest(of: content).append(to: &bytes)
        bytes += content
        let temporary = directory.appending(".\(getpid())-\(UInt64.random(in: 0 ... .max)).tmp")
        do throws(AssayError) {
            let file = try OpenFile.creating(temporary)
            try file.write(bytes)
            if try FileSystem.status(of: path)?.kind == .directory {
                try FileSystem.removeTree(path)
            }
            try FileSystem.rename(temporary, to: path)
        } catch {
            try FileSystem.remove(temporary)
            throw error
        }
    }
}

/// Reads whole numbers and digests from the content of a cache file, never beyond its end.
struct CacheReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A number of eight bytes; `nil` at the end.
    mutating func number() -> UInt64? {
        guard bytes.count - position >= 8 else { return nil }
        defer { position += 8 }
        return unsafe bytes.withUnsafeBytes {
            unsafe UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        }
    }

    /// A count or offset.
    mutating func count() -> Int? { number().flatMap { Int(exactly: $0) } }

    mutating func digest() -> Digest? {
        guard bytes.count - position >= Digest.byteCount else { return nil }
        defer { position += Digest.byteCount }
        return unsafe bytes.withUnsafeBytes {
            unsafe Digest(
                UnsafeRawBufferPointer(rebasing: $0[position..<position + Digest.byteCount]))
        }
    }
}

extension [UInt8] {
    /// Adds a number as eight bytes.
    mutating func append(number: UInt64) {
        unsafe Swift.withUnsafeBytes(of: number.littleEndian) { unsafe append(contentsOf: $0) }
    }

    mutating func append(count: Int) { append(number: UInt64(count)) }
}
