import AssayCore
import AssaySystem
import SystemPackage

/// The bytes of segments in a row, each checked against its digest.
struct SegmentRow: ~Copyable {
    private let store: Store
    private let segments: [CutSegment]
    private var index = 0, offset = 0
    private var file: OpenFile?
    private var hasher = SHA256Hasher()

    init(store: Store, segments: [CutSegment]) {
        self.store = store
        self.segments = segments
    }

    /// Fills a buffer with the bytes that come next.
    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(AssayError) {
        var done = 0
        while done < buffer.count, index < segments.count {
            let segment = segments[index]
            let path = segment.file ?? store.blobPath(segment.digest)
            if file == nil { file = try OpenFile.reading(path) }
            let part = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer[done..<min(buffer.count, done + segment.size - offset)])
            let count = try unsafe file?.read(into: part, at: offset) ?? 0
            guard count > 0 else {
                throw AssayError(.damaged, "segment \(path) is shorter than \(segment.size) bytes")
            }
            unsafe hasher.update(
                UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: part[..<count])))
            done += count
            offset += count
            guard offset == segment.size else { continue }
            let whole = hasher
            hasher = SHA256Hasher()
            let found = whole.finish()
            guard found == segment.digest else {
                throw store.mismatch(segment.digest, found: found)
            }
            file = nil
            offset = 0
            index += 1
        }
    }
}

/// The bytes of small contents in a row: from the writer's spool, or out of blobs, checked.
struct SmallContents: ~Copyable {
    private let writer: ContentWriter
    private let files: [FileEntry]
    private var index = 0, offset = 0
    private var content: [UInt8] = []

    init(writer: ContentWriter, files: [FileEntry]) {
        self.writer = writer
        self.files = files
    }

    /// Fills a buffer with the bytes that come next.
    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(AssayError) {
        var done = 0
        while done < buffer.count, index < files.count {
            let file = files[index]
            let count = min(buffer.count - done, file.size - offset)
            let part = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer[done..<done + count])
            if case .spool(let place)? = writer.sources[file.digest] {
                try unsafe writer.readSpool(into: part, at: place + offset)
            } else {
                if offset == 0 { content = try writer.stored(file) }
                unsafe part.copyBytes(from: content[offset..<offset + count])
            }
            done += count
            offset += count
            guard offset == file.size else { continue }
            offset = 0
            index += 1
        }
    }
}

extension ContentWriter {
    /// The bytes of a small content that is in blobs.
    fileprivate func stored(_ file: FileEntry) throws(AssayError) -> [UInt8] {
        var extents = file.extents
        if extents.isEmpty, try holds(file.digest, size: file.size),
            case .stored(let found)? = sources[file.digest]
        {
            extents = found
        }
        return try store.contents(
            of: FileEntry(
                path: file.path, mode: file.mode, size: file.size, digest: file.digest,
                extents: extents))
    }
}
