import AssayArchive
public import AssayCore
public import AssayStore
import AssaySystem
public import SystemPackage

/// Several manifests of a store in one OCI archive: bundles, and what is said about them.
public enum LayoutArchive {
    /// A manifest of an archive.
    public struct Entry: Hashable, Sendable {
        /// The manifest.
        public let manifest: Digest
        /// What kind of artifact it is.
        public let artifactType: String
        /// The name it has in the archive; `nil` for what is found by its subject.
        public let name: String?
        /// The manifest that it speaks about; `nil` for what stands for itself.
        public let subject: Digest?
        /// The blob of its config, and its layers.
        public let config: Layer, layers: [Layer]
    }

    /// Reads a manifest of a store as an entry.
    public static func entry(
        _ manifest: Digest, name: String?, store: Store
    ) throws(AssayError) -> Entry {
        let document = "manifest \(manifest)"
        let bytes = try store.read(manifest, limit: 1 << 20)
        let listing = try ArtifactManifest(parsing: bytes, name: document)
        let root = JSONReader(try JSONParser.parse(bytes, file: document), document: document)
        return Entry(
            manifest: manifest, artifactType: listing.artifactType, name: name,
            subject: try root["subject"].ifPresent?["digest"].digest(), config: listing.config,
            layers: listing.layers)
    }

    /// Writes manifests with all their blobs, each once, into a tar that is not there yet. Equal entries
    /// give equal bytes. Costs a read of everything, which is checked on the way.
    public static func write(
        _ entries: [Entry], to path: FilePath, store: Store
    ) throws(AssayError) {
        var sizes: [Digest: Int] = [:]
        var index: [JSONValue] = []
        for entry in entries {
            let size = try store.size(of: entry.manifest)
            sizes[entry.manifest] = size
            for blob in [entry.config] + entry.layers { sizes[blob.digest] = blob.size }
            index.append(
                .object(present: [
                    "mediaType": .string(MediaType.manifest), "digest": JSONValue(entry.manifest),
                    "size": JSONValue(size), "artifactType": .string(entry.artifactType),
                    "annotations": entry.name.map {
                        ["org.opencontainers.image.ref.name": .string($0)]
                    },
                ]))
        }
        try Bundle.writeLayout(to: path, index: index, blobs: sizes.keys.sorted()) {
            (digest, writer) throws(AssayError) in
            let size = sizes[digest] ?? 0
            try writer.begin(Bundle.blobName(digest), size: size)
            try StoredContent.read(digest, size: size, of: store) { (piece) throws(AssayError) in
                try writer.write(piece)
            }
        }
    }

    /// Takes all blobs of an archive, or of the directory of an image layout, into a store, each checked
    /// against its digest, and gives the manifests. Names nothing.
    ///
    /// Throws `.unsupported` for what is no image layout, `.damaged` and `.digestMismatch` for what is
    /// hurt or not whole.
    public static func take(_ path: FilePath, into store: Store) throws(AssayError) -> [Entry] {
        guard let status = try FileSystem.status(of: path) else {
            throw AssayError(.notFound, "could not import \(path): nothing is there")
        }
        guard status.kind != .directory else { return try take(layout: path, path, store) }
        try FileSystem.makeDirectory(store.cache)
        let scratch = try TemporaryDirectory(in: store.cache, prefix: "import-")
        let root = scratch.path.appending("content")
        _ = try ArchiveExtraction.extract(path, into: root)
        let entries = try take(layout: root, path, store)
        _ = consume scratch
        return entries
    }

    private static func take(
        layout root: FilePath, _ path: FilePath, _ store: Store
    ) throws(AssayError) -> [Entry] {
        guard FileSystem.exists(root.appending("oci-layout")) else {
            throw AssayError(
                .unsupported, "could not import \(path): it is no OCI archive",
                hint:
                    "a bundle's directory and a model's files are taken in by `assay bundle import`"
            )
        }
        let file = root.appending("index.json")
        let index = JSONReader(
            try JSONParser.parse(try FileSystem.read(file, limit: 1 << 22), file: file.string),
            document: file.string)
        var entries: [Entry] = []
        for element in try index["manifests"].elements() {
            let digest = try element["digest"].digest()
            let name = try element["annotations"]["org.opencontainers.image.ref.name"].ifPresent?
                .string()
            try BundleImport.take(digest, of: root, into: store)
            let entry = try entry(digest, name: name, store: store)
            for blob in [entry.config] + entry.layers {
                try BundleImport.take(blob.digest, of: root, into: store)
            }
            entries.append(entry)
        }
        return entries
    }
}
