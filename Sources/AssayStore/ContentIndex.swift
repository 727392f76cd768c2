import AssayCore
import AssaySystem
import SystemPackage

/// Where the contents lie that bundles and tracked files are made of: digest of the content →
/// extents.
///
/// Made from the maps of all manifests under `bundle/` and `content/`, and kept in the store's
/// cache; one that is damaged or older than the refs is made again.
struct ContentIndex {
    /// The namespaces of the manifests whose maps count.
    static let namespaces = ["bundle", "content"]

    private let store: Store
    private var manifests: Set<Digest> = []
    private var places: [Digest: Range<Int>] = [:]
    private var extents: [Extent] = []
    private var present: [Digest: Bool] = [:]

    private static let mark = "assay-contents 1\n"
    private var file: CacheFile {
        CacheFile(path: store.cache.appending("contents"), mark: Self.mark)
    }

    /// The index of what the refs reach now. Costs reading the cache, and the maps that are new.
    init(_ store: Store) throws(AssayError) {
        self.store = store
        var wanted: Set<Digest> = []
        for namespace in Self.namespaces {
            for (_, ref) in try store.refs(in: namespace) { wanted.insert(ref.digest) }
        }
        if let bytes = try file.read(), !decode(bytes) || !manifests.isSubset(of: wanted) {
            (manifests, places, extents) = ([], [:], [])
        }
        var isChanged = false
        for manifest in wanted.subtracting(manifests).sorted() {
            do throws(AssayError) {
                add(manifest, try store.artifact(manifest).files)
                isChanged = true
            } catch  where [.damaged, .digestMismatch, .invalidDocument].contains(error.code) {
                // What a hurt bundle holds is not counted on; `assay bundle verify` names it.
                continue
            }
        }
        if isChanged { try save() }
    }

    /// Where a content lies; `nil` if it is not in the store as a whole.
    mutating func extents(of digest: Digest, size: Int) throws(AssayError) -> [Extent]? {
        if size == 0 { return [] }
        if let place = places[digest] {
            let found = Array(extents[place])
            if found.reduce(0, { $0 + $1.length }) == size, found.allSatisfy({ isPresent($0) }) {
                return found
            }
        }
        guard try store.holds(digest, size: size) else { return nil }
        return [Extent(segment: digest, offset: 0, length: size)]
    }

    /// Whether a content is in the store as a whole.
    mutating func holds(_ digest: Digest, size: Int) throws(AssayError) -> Bool {
        if size == 0 || reaches(digest, size: size) { return true }
        return try store.holds(digest, size: size)
    }

    /// Whether a ref reaches a content and all of it is in the store.
    mutating func reaches(_ digest: Digest, size: Int) -> Bool {
        guard let place = places[digest] else { return false }
        var total = 0
        for extent in extents[place] {
            guard isPresent(extent) else { return false }
            total += extent.length
        }
        return total == size
    }

    private mutating func isPresent(_ extent: Extent) -> Bool {
        if let known = present[extent.segment] { return known }
        let found = store.contains(extent.segment)
        present[extent.segment] = found
        return found
    }

    /// Takes in the files of a manifest; of equal contents the last counts.
    mutating func add(_ manifest: Digest, _ files: [FileEntry]) {
        manifests.insert(manifest)
        for file in files where !file.extents.isEmpty {
            places[file.digest] = extents.count..<extents.count + file.extents.count
            extents += file.extents
            for extent in file.extents { present[extent.segment] = nil }
        }
    }

    /// Writes the index to the cache.
    func save() throws(AssayError) {
        var segments: [Digest: Int] = [:]
        var order: [Digest] = []
        for extent in extents where segments[extent.segment] == nil {
            segments[extent.segment] = order.count
            order.append(extent.segment)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + 40 * order.count + 48 * places.count + 24 * extents.count)
        for list in [manifests.sorted(), order] {
            bytes.append(count: list.count)
            for digest in list { digest.append(to: &bytes) }
        }
        bytes.append(count: places.count)
        for (digest, place) in places {
            digest.append(to: &bytes)
            bytes.append(count: place.count)
            for extent in extents[place] {
                bytes.append(count: segments[extent.segment] ?? 0)
                bytes.append(count: extent.offset)
                bytes.append(count: extent.length)
            }
        }
        try file.write(bytes)
    }

    private mutating func decode(_ bytes: [UInt8]) -> Bool {
        var reader = CacheReader(bytes)
        guard let manifestCount = reader.count() else { return false }
        for _ in 0..<manifestCount {
            guard let manifest = reader.digest() else { return false }
            manifests.insert(manifest)
        }
        guard let segmentCount = reader.count() else { return false }
        var segments: [Digest] = []
        for _ in 0..<segmentCount {
            guard let segment = reader.digest() else { return false }
            segments.append(segment)
        }
        guard let count = reader.count() else { return false }
        places.reserveCapacity(min(count, bytes.count / Digest.byteCount))
        for _ in 0..<count {
            guard let digest = reader.digest(), let parts = reader.count() else { return false }
            let start = extents.count
            for _ in 0..<parts {
                guard let segment = reader.count(), segment < segments.count,
                    let offset = reader.count(), let length = reader.count(), length > 0
                else { return false }
                extents.append(
                    Extent(segment: segments[segment], offset: offset, length: length))
            }
            places[digest] = start..<extents.count
        }
        return true
    }
}
