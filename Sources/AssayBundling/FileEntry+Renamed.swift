import AssayStore

extension FileEntry {
    /// The same file under another path.
    func renamed(_ path: String) -> FileEntry {
        FileEntry(path: path, mode: mode, size: size, digest: digest, extents: extents)
    }
}
