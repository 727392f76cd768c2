public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

/// Lends the files of a tar (also in gzip, zstd or xz) or zip archive one after the other, each as a
/// file of its own, so that no more than one of them lies unpacked on disk. Links and directories are
/// passed over; what `ArchiveExtraction` refuses of an entry is refused here too.
public struct ArchiveMembers: ~Copyable {
    private let reader: ArchiveReader
    private let archive: FilePath
    private let directory: FilePath
    private let limits: ArchiveLimits
    private let packedSize: Int
    private var entries = 0
    private var bytes = 0

    /// Opens an archive, whose files are put into `directory`. Throws `.unsupported` for a file that is
    /// none, `.damaged` for one that cannot be read.
    ///
    /// An archive is read on the thread that opened it.
    public init(
        _ archive: FilePath, in directory: FilePath, limits: ArchiveLimits = ArchiveLimits()
    ) throws(AssayError) {
        guard let format = try ArchiveReader.format(of: archive) else {
            throw AssayError(
                .unsupported, "could not unpack \(archive): it is neither tar nor zip",
                hint: "tar may be packed with gzip, zstd or xz")
        }
        let reader = try ArchiveReader(archive, format: format)
        let size = try FileSystem.status(of: archive)?.size ?? 0
        self.reader = reader
        self.archive = archive
        self.directory = directory
        self.limits = limits
        packedSize = size
    }

    /// Unpacks the next file and gives its name in the archive and where it lies, until it is removed;
    /// `nil` at the end.
    ///
    /// Throws `.damaged` for an archive that is hurt, cut short or refused, `.limit` for one that holds
    /// too much.
    public mutating func next() throws(AssayError) -> (name: String, path: FilePath)? {
        while let entry = try reader.next() {
            entries += 1
            guard entries <= limits.entries else {
                throw tooMuch("more than \(limits.entries) entries")
            }
            guard case .file = entry.kind, !entry.path.isEmpty else { continue }
            let path = directory.appending("member-\(entries)")
            do throws(AssayError) {
                try copy(entry, to: path)
            } catch {
                // The fault is what counts; the directory is a temporary one.
                try? FileSystem.remove(path)
                throw error
            }
            return (entry.path, path)
        }
        return nil
    }

    private mutating func copy(_ entry: ArchiveEntry, to path: FilePath) throws(AssayError) {
        let file = try OpenFile.creating(path, mode: 0o600)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { unsafe buffer.deallocate() }
        var written = 0
        while true {
            let count = try unsafe reader.read(into: buffer)
            if count == 0 { break }
            written += count
            bytes += count
            guard bytes <= limits.bytes else {
                throw tooMuch("more than \(ByteCount(limits.bytes))")
            }
            guard bytes <= limits.free || bytes / limits.ratio <= packedSize else {
                throw tooMuch("more than \(limits.ratio) times its own size")
            }
            try unsafe file.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        guard entry.size ?? written == written else {
            throw AssayError(
                .damaged,
                "could not read archive \(archive): \(ArchiveEntry.shown(entry.path)) has \(written) "
                    + "bytes, it says \(entry.size ?? 0)")
        }
    }

    private func tooMuch(_ reason: String) -> AssayError {
        AssayError(
            .limit, "could not unpack archive \(archive): it holds \(reason)",
            hint: "unpack it by other means and name the files")
    }
}
