public import AssayCore
import AssaySystem
public import SystemPackage

extension ContentWriter {
    /// Writes a content that was added here or is in the store to a file that is not there yet, for
    /// those who have to look into it before an artifact holds it. Flat in memory.
    ///
    /// Throws `.damaged` if the content is nowhere or hurt; the part that was written is removed.
    public func extract(_ file: FileEntry, to path: FilePath) throws(AssayError) {
        if file.size > 0, case .stored(let extents) = try source(of: file) {
            let stored = FileEntry(
                path: file.path, mode: file.mode, size: file.size, digest: file.digest,
                extents: extents)
            return try store.extract(stored, to: path, mode: 0o600)
        }
        let output = try OpenFile.creating(path, mode: 0o600)
        do throws(AssayError) {
            if file.size > 0 { try write(file, to: output) }
        } catch {
            try FileSystem.remove(path)
            throw error
        }
    }

    private func write(_ file: FileEntry, to output: borrowing OpenFile) throws(AssayError) {
        var segments: [CutSegment] = []
        if case .cut(let cut) = try source(of: file) { segments = cut }
        var row = SegmentRow(store: store, segments: segments)
        var small = SmallContents(writer: self, files: [file])
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(file.size, 1 << 20), alignment: 16)
        defer { unsafe buffer.deallocate() }
        var left = file.size
        while left > 0 {
            let part = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<min(left, buffer.count)])
            if segments.isEmpty {
                try unsafe small.fill(part)
            } else {
                try unsafe row.fill(part)
            }
            try unsafe output.write(UnsafeRawBufferPointer(part))
            left -= part.count
        }
    }
}
