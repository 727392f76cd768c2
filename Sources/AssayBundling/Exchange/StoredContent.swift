import AssayCore
import AssayStore
import AssaySystem
import SystemPackage

/// Reads contents of a store piece by piece, without a copy on disk.
enum StoredContent {
    /// Hands out the bytes of a file of an artifact, from its extents; throws `.digestMismatch` at
    /// the end if they are not what its digest says.
    static func read(
        _ file: FileEntry, of store: Store, _ body: (ArraySlice<UInt8>) throws(AssayError) -> Void
    ) throws(AssayError) {
        var hasher = SHA256Hasher()
        for extent in file.extents {
            let blob = try OpenFile.reading(store.blobPath(extent.segment))
            try read(blob, extent.offset, extent.length, &hasher, body)
        }
        guard hasher.finish() == file.digest else {
            throw AssayError(
                .digestMismatch, "file \(file.path) is damaged in the store",
                hint: "see what else is hurt with `assay bundle verify`")
        }
    }

    /// Hands out the bytes of a blob, with the same check.
    static func read(
        _ digest: Digest, size: Int, of store: Store,
        _ body: (ArraySlice<UInt8>) throws(AssayError) -> Void
    ) throws(AssayError) {
        let blob = try OpenFile.reading(store.blobPath(digest))
        var hasher = SHA256Hasher()
        try read(blob, 0, size, &hasher, body)
        guard hasher.finish() == digest else {
            throw AssayError(
                .digestMismatch, "blob \(digest) is damaged in the store",
                hint: "see what else is hurt with `assay bundle verify`")
        }
    }

    private static func read(
        _ blob: borrowing OpenFile, _ offset: Int, _ length: Int, _ hasher: inout SHA256Hasher,
        _ body: (ArraySlice<UInt8>) throws(AssayError) -> Void
    ) throws(AssayError) {
        var done = 0
        while done < length {
            let piece = try blob.read(count: min(1 << 20, length - done), at: offset + done)
            hasher.update(piece)
            try body(piece[...])
            done += piece.count
        }
    }
}
