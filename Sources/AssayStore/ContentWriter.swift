public import AssayCore
public import AssaySystem
import Glibc
public import SystemPackage

/// Takes contents into the store and makes artifacts of them.
///
/// Each content is read once: large files are cut into segments as they come, small ones are held
/// until an artifact puts them in a row. Nothing is a blob until `putArtifact`, which makes all
/// segments durable with one sync of the file system; what is not used by then is dropped with the
/// writer. Memory stays flat whatever comes. For one thread at a time.
public final class ContentWriter {
    /// Where the contents go.
    public let store: Store
    private var spool = ContentSpool()
    /// How many contents are in the spool.
    private var spooled = 0
    var sources: [Digest: Source] = [:]
    private var temporary: TemporaryDirectory?
    private var stats: StatCache
    var index: ContentIndex
    /// The files of the artifacts made here, until a ref reaches them.
    var unreached: [Digest: [FileEntry]] = [:]
    private var buffer: [UInt8] = []

    /// Where the bytes of a content are.
    enum Source {
        /// In the spool, from there on.
        case spool(Int)
        /// Cut, and not all of them blobs yet.
        case cut([CutSegment])
        /// In blobs.
        case stored([Extent])
    }

    /// What became of a content.
    public struct Added: Hashable, Sendable {
        /// The SHA-256 and the size of the content.
        public let digest: Digest, size: Int
        /// Whether it needs an artifact to stay: no ref reached it before.
        public let isNew: Bool
    }

    /// Starts taking in contents. Reads what the store's cache knows of contents and files.
    public init(_ store: Store) throws(AssayError) {
        self.store = store
        index = try ContentIndex(store)
        stats = try StatCache(store)
    }

    /// The directory of this writer's files.
    func directory() throws(AssayError) -> FilePath {
        if let path = temporary?.path { return path }
        let made = try TemporaryDirectory(in: store.ingest, prefix: "")
        let path = made.path
        temporary = consume made
        return path
    }

    /// Whether a content was added or is in the store already. Looks at what the refs reach, and for
    /// a blob of that digest.
    public func holds(_ digest: Digest, size: Int) throws(AssayError) -> Bool {
        if size == 0 || sources[digest] != nil { return true }
        guard let extents = try index.extents(of: digest, size: size) else { return false }
        sources[digest] = .stored(extents)
        return true
    }

    /// Adds bytes that are in memory.
    @discardableResult
    public func add(_ bytes: [UInt8]) throws(AssayError) -> Added {
        guard bytes.count < SegmentRules.largeFile else {
            return try addLarge(
                size: bytes.count,
                cuts: .content(
                    FastCDC(
                        average: SegmentRules.average(of: bytes.count, grain: .standard)))
            ) { (buffer, offset) throws(AssayError) in
                unsafe buffer.copyBytes(from: bytes[offset..<offset + buffer.count])
            }
        }
        return try addSmall(bytes[...])
    }

    /// Adds the content of a regular file, following symlinks.
    ///
    /// A file that did not change since it was read last, and whose content is in the store, is not
    /// read. `status` is what a look at the file gave just now, if there was one. `total` is the size of all files that belong together with this one, which decides how
    /// large the segments are. Throws `.conflict` if the file changes while it is read.
    public func add(
        fileAt path: FilePath, status: FileSystem.Status? = nil, grain: SegmentGrain = .standard,
        total: Int = 0
    ) throws(AssayError) -> Added {
        var seen = status
        if seen == nil { seen = try FileSystem.status(of: path) }
        if let seen, let known = try known(seen, grain) { return known }
        let start = StatCache.now()
        let file = try OpenFile.reading(path)
        let status = try file.status()
        guard status.kind == .file else {
            throw AssayError(.usage, "could not store \(path): it is not a regular file")
        }
        if let known = try known(status, grain) { return known }
        let added: Added
        if status.size < SegmentRules.largeFile {
            if buffer.isEmpty {
                buffer = [UInt8](repeating: 0, count: SegmentRules.largeFile)
            }
            var count = 0
            while count < status.size {
                let step = try file.readPart(of: &buffer, from: count, to: status.size, at: count)
                guard step > 0 else { throw Self.changed(path) }
                count += step
            }
            added = try addSmall(buffer[..<count])
        } else {
            let cuts = try SegmentRules.cuts(
                of: file, size: status.size, total: total, grain: grain)
            added = try addLarge(size: status.size, cuts: cuts) {
                (buffer, offset) throws(AssayError) in
                var done = 0
                while done < buffer.count {
                    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                    let step = try unsafe file.read(into: rest, at: offset + done)
                    guard step > 0 else { throw Self.changed(path) }
                    done += step
                }
            }
        }
        let after = try file.status()
        guard after.size == status.size, after.modified == status.modified,
            after.changed == status.changed
        else { throw Self.changed(path) }
        stats.remember(added.digest, for: status, grain: grain, readAt: start)
        return added
    }

    func known(
        _ status: FileSystem.Status, _ grain: SegmentGrain
    ) throws(AssayError) -> Added? {
        let wanted = status.size < SegmentRules.largeFile ? nil : grain
        guard let digest = stats.digest(for: status, grain: wanted) else { return nil }
        if sources[digest] == nil {
            guard try index.holds(digest, size: status.size) else { return nil }
        }
        return Added(digest: digest, size: status.size, isNew: isNew(digest))
    }

    /// Whether a content was added here, and neither a ref nor an artifact made here reached it before.
    public func isNew(_ digest: Digest) -> Bool {
        switch sources[digest] {
        case nil, .stored: false
        case .spool, .cut: true
        }
    }

    private func addSmall(_ bytes: ArraySlice<UInt8>) throws(AssayError) -> Added {
        var hasher = SHA256Hasher()
        unsafe bytes.withUnsafeBytes { unsafe hasher.update($0) }
        return try addSmall(bytes, hasher.finish())
    }

    private func addSmall(_ bytes: ArraySlice<UInt8>, _ digest: Digest) throws(AssayError) -> Added
    {
        if !bytes.isEmpty, sources[digest] == nil, !index.reaches(digest, size: bytes.count) {
            let place = try spool.append(bytes) { () throws(AssayError) in try self.directory() }
            sources[digest] = .spool(place)
            spooled += 1
        }
        return Added(digest: digest, size: bytes.count, isNew: isNew(digest))
    }

    /// Adds a small file that was read and hashed elsewhere.
    func add(
        small bytes: ArraySlice<UInt8>, _ digest: Digest, of file: FileToAdd, readAt start: Int64
    ) throws(AssayError) -> Added {
        let added = try addSmall(bytes, digest)
        stats.remember(digest, for: file.status, grain: file.grain, readAt: start)
        return added
    }

    private func addLarge(
        size: Int, cuts: SegmentCuts,
        read: (UnsafeMutableRawBufferPointer, Int) throws(AssayError) -> Void
    ) throws(AssayError) -> Added {
        let pipeline = SegmentPipeline(store: store, directory: try directory())
        var offset = 0
        let result = try pipeline.run(size: size, cuts: cuts) { (buffer) throws(AssayError) in
            try unsafe read(buffer, offset)
            offset += buffer.count
        }
        guard let digest = result.digest else {
            throw AssayError(.io, "could not hash a content of \(ByteCount(size))")
        }
        sources[digest] = .cut(result.segments)
        return Added(digest: digest, size: size, isNew: true)
    }

    private static func changed(_ path: FilePath) -> AssayError {
        AssayError(
            .conflict, "could not store \(path): it changed while it was read",
            hint: "run the command again when nothing writes to the file")
    }

    /// Copies a part of a small content that was added here.
    func readSpool(
        into buffer: UnsafeMutableRawBufferPointer, at place: Int
    ) throws(AssayError) {
        try unsafe spool.read(into: buffer, at: place)
    }

    /// Empties the spool if these are all that is in it, as they lie in segments now: what is not there
    /// need not be made durable together with the segments. They are sources again when those are blobs.
    func emptySpool(of contents: [Digest]) {
        guard spooled > 0, contents.count == spooled else { return }
        for content in contents { sources[content] = nil }
        spool.removeAll()
        spooled = 0
    }

    /// Takes note that a ref reaches an artifact made here, and writes the caches.
    public func reached(_ manifest: Digest) throws(AssayError) {
        if let files = unreached.removeValue(forKey: manifest) {
            index.add(manifest, files)
            try index.save()
        }
        try saveStats()
    }

    /// Writes what was learnt of files, so that they need not be read again.
    public func saveStats() throws(AssayError) { try stats.save() }
}
