public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

extension Store {
    /// The bytes of one file, checked against its digest; throws `.limit` above `limit` bytes.
    public func contents(of file: FileEntry, limit: Int = 1 << 30) throws(AssayError) -> [UInt8] {
        guard file.size <= limit else {
            throw AssayError(.limit, "file \(file.path) has \(ByteCount(file.size)), at most \(ByteCount(limit))")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(file.size)
        try stream(file) { (chunk) throws(AssayError) in bytes += chunk }
        return bytes
    }

    /// Writes one file to a path that is not there yet, checked against its digest, flat in memory.
    ///
    /// Throws before the file is whole if its bytes are others; the part that was written is removed.
    public func extract(
        _ file: FileEntry, to path: FilePath, mode: UInt32
    ) throws(AssayError) {
        let output = try OpenFile.creating(path, mode: 0o600)
        do throws(AssayError) {
            try stream(file) { (chunk) throws(AssayError) in try output.write(chunk) }
            guard fchmod(output.rawDescriptor, mode_t(mode)) == 0 else {
                throw FileSystem.error("could not set the mode of", path)
            }
        } catch {
            try FileSystem.remove(path)
            throw error
        }
    }

    /// Reads one file and throws unless it has its digest.
    public func verify(_ file: FileEntry) throws(AssayError) {
        try stream(file) { (_) throws(AssayError) in }
    }

    /// Hands out the bytes of one file in pieces of at most 1 MiB; throws at the end if they do not
    /// have the file's digest. A file without extents is read from the blob of its own digest.
    func stream(
        _ file: FileEntry, _ body: (ArraySlice<UInt8>) throws(AssayError) -> Void
    ) throws(AssayError) {
        var hasher = SHA256Hasher()
        var chunk = [UInt8](repeating: 0, count: min(max(file.size, 1), 1 << 20))
        let extents =
            file.extents.isEmpty && file.size > 0
            ? [Extent(segment: file.digest, offset: 0, length: file.size)] : file.extents
        for extent in extents {
            guard contains(extent.segment) else { throw missing(extent.segment) }
            let segment = try OpenFile.reading(blobPath(extent.segment))
            guard lseek(segment.rawDescriptor, off_t(extent.offset), SEEK_SET) >= 0 else {
                throw FileSystem.error("could not seek in", blobPath(extent.segment))
            }
            var left = extent.length
            while left > 0 {
                let count = min(try segment.readChunk(&chunk), left)
                guard count > 0 else {
                    throw AssayError(
                        .damaged, "blob \(blobPath(extent.segment)) is cut short: file \(file.path) "
                            + "lies beyond its end",
                        hint: "see what else is hurt with `assay bundle verify`")
                }
                unsafe chunk[..<count].withUnsafeBytes { unsafe hasher.update($0) }
                try body(chunk[..<count])
                left -= count
            }
        }
        let found = hasher.finish()
        guard found == file.digest else {
            throw AssayError(
                .digestMismatch, "file \(file.path) is damaged in the store: its bytes hash to \(found)",
                hint: "see what else is hurt with `assay bundle verify`")
        }
    }
}
