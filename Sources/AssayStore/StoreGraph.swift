import AssayCore
import AssaySystem
import Glibc

/// Walks from roots to all that they lead to. Reads documents, never content; each only once.
struct StoreGraph {
    typealias Link = DocumentLinks.Link

    private let store: Store
    private let reader: LinkReader
    private var documents: [Digest: DocumentLinks] = [:]
    /// What is wrong with documents that were read, by digest.
    private(set) var faults: [Digest: AssayError] = [:]

    /// A larger blob is content, not a document.
    private static let longestDocument = 64 << 20

    init(store: Store, reader: LinkReader) {
        self.store = store
        self.reader = reader
    }

    /// Everything that a root leads to, itself first, each blob once.
    mutating func reach(_ root: StoreRoot) throws(AssayError) -> [Link] {
        let isManifest =
            root.kind == .ref
            && ["bundle/", "capture/", "content/"].contains { root.name.hasPrefix($0) }
        let first = Link(root.digest, isRequired: root.isRequired, isDocument: true)
        var found: [Link] = []
        var places: [Digest: Int] = [:]
        var pending = [first]
        while let link = pending.popLast() {
            if let place = places[link.digest] {
                // What one way does not require another may.
                guard link.isRequired, !found[place].isRequired else { continue }
                found[place] = link
            } else {
                places[link.digest] = found.count
                found.append(link)
            }
            guard link.isDocument else { continue }
            let links = try links(of: link.digest, mustBeManifest: isManifest && found.count == 1)
            pending += links.links.map {
                Link(
                    $0.digest, size: $0.size, isRequired: $0.isRequired && link.isRequired,
                    isDocument: $0.isDocument)
            }
        }
        return found
    }

    /// What a document's content would take with nothing shared; 0 of one that cannot be read.
    mutating func logicalSize(_ digest: Digest) throws(AssayError) -> Int {
        let links = try links(of: digest, mustBeManifest: false)
        if let size = links.logicalSize { return size }
        var sum = try FileSystem.status(of: store.blobPath(digest))?.size ?? 0
        for link in links.links where link.isRequired {
            sum += try FileSystem.status(of: store.blobPath(link.digest))?.size ?? 0
        }
        return sum
    }

    private mutating func links(
        of digest: Digest, mustBeManifest: Bool
    ) throws(AssayError) -> DocumentLinks {
        if let known = documents[digest] { return known }
        var links = DocumentLinks([])
        do throws(AssayError) {
            links = try read(digest, mustBeManifest: mustBeManifest)
        } catch {
            try note(error, about: digest)
        }
        documents[digest] = links
        return links
    }

    /// Keeps what is wrong with a document; throws what is wrong with the machine.
    private mutating func note(_ error: AssayError, about digest: Digest) throws(AssayError) {
        switch error.code {
        case .damaged, .digestMismatch, .invalidDocument, .unsupported, .limit:
            faults[digest] = error
        default: throw error
        }
    }

    private mutating func read(
        _ digest: Digest, mustBeManifest: Bool
    ) throws(AssayError) -> DocumentLinks {
        let path = store.blobPath(digest)
        guard let status = try FileSystem.status(of: path) else { return DocumentLinks([]) }
        if !mustBeManifest {
            guard (1...Self.longestDocument).contains(status.size) else { return DocumentLinks([]) }
            let file = try OpenFile.reading(path)
            guard try file.read(count: 1, at: 0).first == UInt8(ascii: "{") else {
                return DocumentLinks([])
            }
        }
        let name = "blob \(digest)"
        let bytes = try store.read(digest, limit: Self.longestDocument)
        let parsed: Result<JSONValue, AssayError> = Result { () throws(AssayError) in
            try JSONParser.parse(bytes, file: name)
        }
        // Whole bytes that are no JSON are content that begins with a brace.
        guard case .success(let value) = parsed else {
            if mustBeManifest { _ = try parsed.get() }
            return DocumentLinks([])
        }
        let type = JSONReader(value, document: name)["mediaType"].value
        guard mustBeManifest || type == .string(MediaType.manifest) else {
            return try reader.links(value, name: name)
        }
        return try manifest(bytes, digest)
    }

    private mutating func manifest(
        _ bytes: [UInt8], _ digest: Digest
    ) throws(AssayError) -> DocumentLinks {
        let manifest = try Manifest(parsing: bytes, name: "manifest \(digest)")
        let blobs = [manifest.config] + manifest.layers
        var links = DocumentLinks(blobs.map { .init($0.digest, size: $0.size) })
        guard let map = manifest.layers.first, map.mediaType == MediaType.map,
            store.contains(map.digest)
        else { return links }
        let segments = Dictionary(
            manifest.layers.map { ($0.digest, $0.size) }, uniquingKeysWith: { first, _ in first })
        do throws(AssayError) {
            let files = try FileMap(
                parsing: try store.read(map.digest), name: "map \(map.digest)", segments: segments
            ).files
            let documents = blobs.filter { $0.mediaType != MediaType.segment }.map(\.size)
            links.logicalSize = (documents + files.map(\.size)).reduce(bytes.count) {
                let (total, overflow) = $0.addingReportingOverflow($1)
                return overflow ? .max : total
            }
        } catch {
            try note(error, about: map.digest)
        }
        return links
    }
}
