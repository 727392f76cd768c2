import AssayCore

/// The small text that Git LFS puts into a commit in place of a large file.
///
/// Format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
struct LargeFilePointer: Hashable {
    /// The sha256 of the large file.
    let digest: Digest
    /// Its size in bytes.
    let size: Int

    /// No pointer is longer than this.
    static let maximumSize = 1024

    /// Reads a pointer; `nil` if the bytes are not one.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumSize, let text = String(validating: bytes, as: UTF8.self),
            text.hasPrefix("version https://git-lfs.github.com/spec/")
                || text.hasPrefix("version https://hawser.github.com/spec/")
        else { return nil }
        var digest: Digest?
        var size: Int?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("oid ") { digest = Digest(line.dropFirst(4)) }
            if line.hasPrefix("size ") { size = Int(line.dropFirst(5)) }
        }
        guard let digest, let size, size >= 0 else { return nil }
        self.digest = digest
        self.size = size
    }
}
