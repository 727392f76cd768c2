public import AssayCore
public import AssaySystem
import Glibc
public import SystemPackage

/// Whole files out of the store's blobs, read-only, so that laying a bundle out twice costs a link.
///
/// Files of 1 MiB and more lie in `cache/files`, named by their digest, each checked when it was
/// written, and are shared from there: by reflink where the file system can, else by a hard link.
/// A file has a time of change that follows from its digest; one whose size, mode or time is another
/// was written to, and is made again. Nothing here shares bytes with a blob.
public struct FileCache: Sendable {
    let store: Store

    /// Smaller files are written each time.
    static let smallest = 1 << 20

    /// The cache of a store.
    public init(_ store: Store) {
        self.store = store
    }

    var files: FilePath { store.cache.appending("files") }

    /// Puts a file at a path that is not there yet, read-only.
    ///
    /// Throws if its bytes are not those of its digest; nothing is left then.
    public func place(_ file: FileEntry, at target: FilePath) throws(AssayError) {
        guard file.size >= Self.smallest else { return try write(file, to: target) }
        let whole = try whole(file)
        let source = try OpenFile.reading(whole)
        let copy = try OpenFile.creating(target, mode: 0o600)
        if try copy.clone(source) {
            try Self.seal(copy, as: file, at: target)
            return
        }
        try FileSystem.remove(target)
        if link(whole.string, target.string) == 0 { return }
        // Another file system, or as many links as this one allows.
        try write(file, to: target)
    }

    /// Whether a file that was placed is as it was then, as far as its status tells.
    public static func isIntact(_ status: FileSystem.Status?, as file: FileEntry) -> Bool {
        guard let status else { return false }
        return status.kind == .file && status.size == file.size
            && status.mode == UInt16(mode(of: file)) && status.modified == time(of: file)
    }

    /// The path of the whole file in the cache, written if it is not there or was changed.
    func whole(_ file: FileEntry) throws(AssayError) -> FilePath {
        let name = file.digest.hex + (file.mode == .executable ? ".x" : "")
        let path = files.appending(name)
        if Self.isIntact(try FileSystem.status(of: path), as: file) { return path }
        try FileSystem.makeDirectory(files)
        let directory = try TemporaryDirectory(in: files, prefix: ".partial-")
        let temporary = directory.path.appending(name)
        try write(file, to: temporary)
        // What has its name is trusted from then on, so it must not outlive its own bytes.
        try OpenFile.reading(temporary).sync()
        try FileSystem.rename(temporary, to: path)
        return path
    }

    private func write(_ file: FileEntry, to path: FilePath) throws(AssayError) {
        try store.extract(file, to: path, mode: Self.mode(of: file))
        try Self.seal(try OpenFile.reading(path), as: file, at: path)
    }

    private static func seal(
        _ open: borrowing OpenFile, as file: FileEntry, at path: FilePath
    ) throws(AssayError) {
        let time = time(of: file)
        let stamp = timespec(
            tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        guard fchmod(open.rawDescriptor, mode_t(mode(of: file))) == 0,
            unsafe futimens(open.rawDescriptor, [stamp, stamp]) == 0
        else { throw FileSystem.error("could not set mode and time of", path) }
    }

    static func mode(of file: FileEntry) -> UInt32 { file.mode == .executable ? 0o555 : 0o444 }

    /// A second between 2000 and mid-2001 that follows from the content, so that tools which tell
    /// files apart by time and size (Python's byte code) see that two contents differ.
    static func time(of file: FileEntry) -> Int64 {
        let tail = file.digest.bytes.suffix(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return (946_684_800 + tail % 47_000_000) * 1_000_000_000
    }
}
