import AssayCore
import AssaySystem
import SystemPackage

/// Hashes files without holding them in memory.
enum FileDigest {
    /// The digest and size of a file from where it stands to its end.
    static func of(_ file: borrowing OpenFile) throws(AssayError) -> (digest: Digest, size: Int) {
        var hasher = SHA256Hasher()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var size = 0
        while true {
            let count = try file.readChunk(&chunk)
            if count == 0 { return (hasher.finish(), size) }
            hasher.update(count == chunk.count ? chunk : Array(chunk[..<count]))
            size += count
        }
    }
}
