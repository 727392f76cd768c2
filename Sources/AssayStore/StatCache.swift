public import AssayCore
public import AssaySystem
import Glibc
public import SystemPackage

/// What files held when they were last read, by what the system says of them: who asks for a file
/// that did not change since gets its digest without a read.
///
/// An entry counts while device, inode, size and both times to the nanosecond are the same. It is
/// not made for a file that was changed so shortly before it was read that a further change could
/// have the same time: the rule of git's index ("racy git").
public struct StatCache {
    private let file: CacheFile?
    private var entries: [Key: Entry] = [:]
    /// What was asked for; `nil` while there is room for all.
    private var used: Set<Key>?
    private var isChanged = false

    private struct Key: Hashable {
        let device: UInt64, inode: UInt64
    }

    private struct Entry {
        let size: Int
        let modified: Int64, changed: Int64
        let grain: SegmentGrain
        let digest: Digest
    }

    private static let mark = "assay-stat-cache 1\n"
    /// Above this, what was not asked for is forgotten when the cache is written: once half as many were
    /// there when it was read.
    static let limit = 1_000_000

    /// Reads the cache of a store; one that is damaged or not there is empty. Without a store it
    /// lasts as long as the value.
    public init(_ store: Store?) throws(AssayError) {
        file = store.map { CacheFile(path: $0.cache.appending("stat"), mark: Self.mark) }
        if let bytes = try file?.read(), !decode(bytes) { entries = [:] }
        if entries.count > Self.limit / 2 { used = [] }
    }

    /// The digest of a file with this status, if it is known.
    public mutating func digest(for status: FileSystem.Status, grain: SegmentGrain? = nil)
        -> Digest?
    {
        let key = Key(device: status.device, inode: status.inode)
        guard status.kind == .file, let entry = entries[key], entry.size == status.size,
            entry.modified == status.modified, entry.changed == status.changed,
            grain == nil || entry.grain == grain
        else { return nil }
        used?.insert(key)
        return entry.digest
    }

    /// Remembers what a file held: `status` from before it was read, `start` the time of that, in
    /// nanoseconds since 1970. The caller has made sure that the status was the same afterwards.
    public mutating func remember(
        _ digest: Digest, for status: FileSystem.Status, grain: SegmentGrain, readAt start: Int64
    ) {
        guard status.kind == .file, !Self.isRacy(status, readAt: start) else { return }
        let key = Key(device: status.device, inode: status.inode)
        entries[key] = Entry(
            size: status.size, modified: status.modified, changed: status.changed, grain: grain,
            digest: digest)
        used?.insert(key)
        isChanged = true
    }

    /// The digest of a regular file, following symlinks: as remembered, or from reading it, in flat
    /// memory. Says nothing of whether a store holds the content.
    public mutating func digest(ofFileAt path: FilePath) throws(AssayError) -> Digest {
        let start = Self.now()
        let file = try OpenFile.reading(path)
        let status = try file.status()
        if let known = digest(for: status) { return known }
        let digest = try file.digest()
        if try file.status() == status {
            remember(digest, for: status, grain: .standard, readAt: start)
        }
        return digest
    }

    /// Whether a change behind the read could leave the times as they are. Linux stamps files with
    /// the time of the last tick, 10 ms at most; a file system that keeps whole seconds only gets two.
    static func isRacy(_ status: FileSystem.Status, readAt start: Int64) -> Bool {
        // A time that somebody set ahead says nothing; each change renews the other one.
        let last = status.modified > start ? status.changed : max(status.modified, status.changed)
        let isCoarse = status.modified % 1_000_000_000 == 0 && status.changed % 1_000_000_000 == 0
        return last >= start - (isCoarse ? 2_000_000_000 : 20_000_000)
    }

    /// The time now, in nanoseconds since 1970, by the clock that files are stamped with.
    public static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Writes the cache, if anything was remembered. Of writers at the same time the last counts.
    public mutating func save() throws(AssayError) {
        guard isChanged, let file else { return }
        if let used, entries.count > Self.limit {
            entries = entries.filter { used.contains($0.key) }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + 80 * entries.count)
        bytes.append(count: entries.count)
        for (key, entry) in entries {
            bytes.append(number: key.device)
            bytes.append(number: key.inode)
            bytes.append(count: entry.size)
            bytes.append(number: UInt64(bitPattern: entry.modified))
            bytes.append(number: UInt64(bitPattern: entry.changed))
            bytes.append(count: Int(entry.grain.rawValue))
            entry.digest.append(to: &bytes)
        }
        try file.write(bytes)
        isChanged = false
    }

    private mutating func decode(_ bytes: [UInt8]) -> Bool {
        var reader = CacheReader(bytes)
        guard let count = reader.count() else { return false }
        entries.reserveCapacity(min(count, bytes.count / 80))
        for _ in 0..<count {
            guard let device = reader.number(), let inode = reader.number(),
                let size = reader.count(), let modified = reader.number(),
                let changed = reader.number(),
                let grain = reader.count().flatMap({ UInt8(exactly: $0) }).flatMap({
                    SegmentGrain(rawValue: $0)
                }), let digest = reader.digest()
            else { return false }
            entries[Key(device: device, inode: inode)] = Entry(
                size: size, modified: Int64(bitPattern: modified),
                changed: Int64(bitPattern: changed), grain: grain, digest: digest)
        }
        return true
    }
}
