public import AssayCore
import AssaySystem
import Glibc
import SystemPackage

extension Store {
    /// Makes an artifact of files whose contents are in the store; see `ContentWriter.putArtifact`.
    public func putArtifact(_ draft: ArtifactDraft) throws(AssayError) -> Digest {
        try ContentWriter(self).putArtifact(draft)
    }

    /// Makes segments that were written blobs: all durable, and none under its name before it is.
    /// Those that were here already are held, as with `reuse`; throws `.damaged` if one is gone.
    func adopt(_ segments: [CutSegment]) throws(AssayError) {
        let lines = segments.map { LeaseFile.Line(kind: .blob, digest: $0.digest) }
        try holding(lines) { () throws(AssayError) in
            try rename(segments)
            for segment in segments where segment.file == nil {
                guard try reuse(segment.digest, size: segment.size) else {
                    throw missing(segment.digest)
                }
            }
        }
    }

    private func rename(_ segments: [CutSegment]) throws(AssayError) {
        let new = segments.compactMap { segment in segment.file.map { (segment, $0) } }
        guard !new.isEmpty else { return }
        for (_, file) in new {
            guard chmod(file.string, 0o444) == 0 else {
                throw FileSystem.error("could not set the mode of", file)
            }
        }
        try OpenFile.open(ingest, flags: O_RDONLY | O_DIRECTORY, mode: 0).syncFileSystem()
        for (segment, file) in new {
            try FileSystem.rename(file, to: blobPath(segment.digest))
        }
        try FileSystem.syncDirectory(blobs)
    }

    /// Opens an artifact: its manifest, config and map, each checked.
    public func artifact(_ digest: Digest) throws(AssayError) -> Artifact {
        try holdForReading(digest)
        let manifest = try manifest(digest)
        let config = try read(manifest.config.digest, limit: 64 << 20)
        var files: [FileEntry] = []
        if let map = manifest.layers.first, map.mediaType == MediaType.map {
            let segments = Dictionary(
                manifest.layers.map { ($0.digest, $0.size) },
                uniquingKeysWith: { first, _ in first })
            files = try FileMap(
                parsing: try read(map.digest, limit: 1 << 30), name: "map \(map.digest)",
                segments: segments
            ).files
        }
        return Artifact(
            manifest: digest, artifactType: manifest.artifactType,
            configDigest: manifest.config.digest, config: config, files: files,
            layers: manifest.layers, annotations: manifest.annotations)
    }

    /// Reads every blob of an artifact and says which are hurt, as errors that name them; an empty
    /// list is a whole artifact. Costs a read of everything.
    public func verify(_ artifact: Artifact) throws(AssayError) -> [AssayError] {
        var faults: [AssayError] = []
        var seen: Set<Digest> = []
        let blobs = [artifact.manifest, artifact.configDigest] + artifact.layers.map(\.digest)
        for digest in blobs where seen.insert(digest).inserted {
            do throws(AssayError) { try verify(digest) } catch { faults.append(error) }
        }
        guard faults.isEmpty else { return faults }
        for file in artifact.files {
            do throws(AssayError) { try verify(file) } catch { faults.append(error) }
        }
        return faults
    }

    func manifest(_ digest: Digest) throws(AssayError) -> Manifest {
        let bytes = try read(digest, limit: Manifest.maximumSize)
        return try Manifest(parsing: bytes, name: "manifest \(digest)")
    }
}
