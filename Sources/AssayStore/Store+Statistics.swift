public import AssayCore
import SystemPackage

/// What a store holds and what sharing saves in it.
public struct StoreStatistics: Sendable {
    /// One name, or several that name the same blob.
    public struct Entry: Sendable {
        /// The names, sorted.
        public let names: [String]
        /// The blob they name.
        public let digest: Digest
        /// The bytes it would take with nothing shared: its documents, and each file as a whole.
        public let logical: Int
        /// The bytes of all blobs it leads to.
        public let stored: Int
        /// The bytes of the blobs that only it leads to: what would become free without it.
        public let unique: Int
    }

    /// What the refs name, by name.
    public internal(set) var entries: [Entry] = []
    /// The number and the bytes of all blobs.
    public internal(set) var blobs = 0, stored = 0
    /// The bytes of the blobs that a ref leads to.
    public internal(set) var referenced = 0
    /// The bytes in the trash.
    public internal(set) var trash = 0

    /// The bytes that all would take with nothing shared.
    public var logical: Int { entries.reduce(0) { $0 + $1.logical } }
    /// What sharing saves: the logical bytes less those that are stored for them.
    public var saved: Int { logical - referenced }
}

extension Store {
    /// Counts what the store holds. Costs a look at every blob and a read of every manifest, map and
    /// evidence document; what is damaged counts with what is there of it.
    public func statistics(_ reader: LinkReader = LinkReader()) throws(AssayError)
        -> StoreStatistics
    {
        var statistics = StoreStatistics()
        let blobs = try listBlobs().blobs
        let sizes = Dictionary(blobs.map { ($0.digest, $0.size) }, uniquingKeysWith: { $1 })
        statistics.blobs = blobs.count
        statistics.stored = blobs.reduce(0) { $0 + $1.size }
        var names: [Digest: [String]] = [:]
        for (name, ref) in try refs(in: "") { names[ref.digest, default: []].append(name) }
        var graph = StoreGraph(store: self, reader: reader)
        var reached: [Digest: [Digest]] = [:]
        var owners: [Digest: Int] = [:]
        for (digest, all) in names {
            let root = StoreRoot(.ref, name: all[0], digest: digest)
            // What a verdict says it was made from is counted where it is named itself.
            let links = try graph.reach(root).filter(\.isRequired).map(\.digest)
            reached[digest] = links
            for link in links { owners[link, default: 0] += 1 }
        }
        statistics.referenced = owners.keys.reduce(0) { $0 + (sizes[$1] ?? 0) }
        for (digest, all) in names.sorted(by: { $0.value[0] < $1.value[0] }) {
            let links = reached[digest] ?? []
            statistics.entries.append(
                .init(
                    names: all, digest: digest, logical: try graph.logicalSize(digest),
                    stored: links.reduce(0) { $0 + (sizes[$1] ?? 0) },
                    unique: links.reduce(0) { $0 + (owners[$1] == 1 ? sizes[$1] ?? 0 : 0) }))
        }
        for day in try trashDays() {
            statistics.trash += try treeSize(trash.appending(day.name))
        }
        return statistics
    }
}
