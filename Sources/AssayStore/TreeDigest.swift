public import AssayCore

/// The digest of a set of files, whatever way they are stored.
public enum TreeDigest {
    /// SHA-256 over one line for each file, sorted by the bytes of the path:
    /// `<octal mode> <size> <64 hex> <length of the path in bytes>:<path>\n`.
    ///
    /// The length keeps a path with line breaks from posing as two files. Costs a sort and a hash.
    public static func of(_ files: [FileEntry]) -> Digest {
        var hasher = SHA256Hasher()
        for file in files.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
            let line =
                "\(file.mode.octal) \(file.size) \(file.digest.hex) \(file.path.utf8.count):\(file.path)\n"
            hasher.update(Array(line.utf8))
        }
        return hasher.finish()
    }
}
