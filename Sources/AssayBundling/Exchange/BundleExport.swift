import AssayArchive
public import AssayCore
public import AssayStore
import AssaySystem
public import SystemPackage

extension Bundle {
    /// The name of the file that a plain directory's bundle is described by.
    static let directoryConfig = "bundle.json"
    /// Where the files of a plain directory are.
    static let directoryFiles = "files"

    /// Writes the bundle as a plain directory that is not there yet: `bundle.json`, which is its
    /// config, and its files beneath `files`.
    public func exportDirectory(to directory: FilePath, store: Store) throws(AssayError) {
        let temporary = try Self.beside(directory)
        let content = temporary.path.appending("content")
        try FileSystem.makeDirectory(content)
        try materialise(into: content.appending(Self.directoryFiles), store: store)
        try FileSystem.replace(content.appending(Self.directoryConfig), with: config.bytes)
        try FileSystem.rename(content, to: directory)
    }

    /// Writes the bundle as an OCI archive: a tar of an image layout with this manifest alone, which
    /// other tools read and `importArchive` gives back with the same id and manifest.
    public func exportArchive(to path: FilePath, store: Store) throws(AssayError) {
        let artifact = try store.artifact(manifest)
        var blobs: [Digest: Int] = [
            manifest: try store.size(of: manifest), id: artifact.config.count,
        ]
        for layer in artifact.layers { blobs[layer.digest] = layer.size }
        try Self.writeLayout(
            to: path, manifest: (manifest, blobs[manifest] ?? 0), name: service,
            artifactType: artifact.artifactType, blobs: Array(blobs.keys).sorted()
        ) { (digest, writer) throws(AssayError) in
            let size = blobs[digest] ?? 0
            try writer.begin(Self.blobName(digest), size: size)
            try StoredContent.read(digest, size: size, of: store) { (piece) throws(AssayError) in
                try writer.write(piece)
            }
        }
    }

    static func blobName(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }

    /// Writes an image layout into a tar; `write` writes one of the blobs.
    static func writeLayout(
        to path: FilePath, manifest: (digest: Digest, size: Int), name: String,
        artifactType: String, blobs: [Digest],
        write: (Digest, inout TarWriter) throws(AssayError) -> Void
    ) throws(AssayError) {
        let entry: JSONValue = [
            "mediaType": .string(MediaType.manifest), "digest": JSONValue(manifest.digest),
            "size": JSONValue(manifest.size), "artifactType": .string(artifactType),
            "annotations": ["org.opencontainers.image.ref.name": .string(name)],
        ]
        try writeLayout(to: path, index: [entry], blobs: blobs, write: write)
    }

    /// Writes an image layout of several manifests, which `index` lists.
    static func writeLayout(
        to path: FilePath, index: [JSONValue], blobs: [Digest],
        write: (Digest, inout TarWriter) throws(AssayError) -> Void
    ) throws(AssayError) {
        guard !FileSystem.exists(path) else {
            throw AssayError(.usage, "could not export to \(path): something is there already")
        }
        let temporary = try beside(path)
        let file = temporary.path.appending("archive")
        var writer = try TarWriter(creating: file)
        let layout = CanonicalJSON.encode(["imageLayoutVersion": "1.0.0"])
        let index = CanonicalJSON.encode([
            "schemaVersion": 2, "mediaType": .string(MediaType.index), "manifests": .array(index),
        ])
        for (name, bytes) in [("oci-layout", layout), ("index.json", index)] {
            try writer.begin(name, size: bytes.count)
            try writer.write(bytes[...])
        }
        for blob in blobs { try write(blob, &writer) }
        try writer.finish()
        try FileSystem.rename(file, to: path)
    }

    static func beside(_ path: FilePath) throws(AssayError) -> TemporaryDirectory {
        let parent = path.removingLastComponent()
        return try TemporaryDirectory(in: parent.isEmpty ? "." : parent, prefix: ".export-")
    }
}
