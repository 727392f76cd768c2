public import AssayCore
import AssaySystem

extension Store {
    /// Packs files into segments, writes map, config and manifest, and gives the manifest's digest.
    ///
    /// Segments come first and the manifest last, each durable before the next, so that a manifest
    /// never names what is not there. Equal drafts give equal bytes. Throws `.damaged` if a file's
    /// content is not in the store, `.limit` if it does not fit a manifest.
    public func putArtifact(_ draft: ArtifactDraft) throws(AssayError) -> Digest {
        let files = draft.files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        for (index, file) in files.enumerated() {
            guard FileMap.isSafe(file.path) else {
                throw AssayError(
                    .usage, "could not store a file under the path \(file.path.debugDescription)")
            }
            guard index == 0 || files[index - 1].path != file.path else {
                throw AssayError(.usage, "could not store two files under one path, \(file.path)")
            }
        }
        var layers: [Layer] = []
        if !files.isEmpty {
            let room = Manifest.maximumLayers - 1 - draft.layers.count
            guard room > 0 else { throw tooManyLayers(draft.layers.count) }
            let packed = try pack(files, maximum: room)
            let map = FileMap(files: packed.files)
            let bytes = map.bytes
            layers.append(
                Layer(mediaType: MediaType.map, digest: try put(bytes), size: bytes.count))
            layers += packed.segments
        }
        layers += draft.layers
        guard layers.count <= Manifest.maximumLayers else { throw tooManyLayers(layers.count) }
        try holdAll(layers.map(\.digest))
        let config = Layer(
            mediaType: draft.configType, digest: try put(draft.config), size: draft.config.count)
        let manifest = Manifest(
            artifactType: draft.artifactType, config: config, layers: layers,
            annotations: draft.annotations)
        let bytes = manifest.bytes
        guard bytes.count <= Manifest.maximumSize else {
            throw AssayError(
                .limit, "the manifest would have \(ByteCount(bytes.count)), at most 1 MiB")
        }
        return try put(bytes)
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

    private func tooManyLayers(_ count: Int) -> AssayError {
        AssayError(
            .limit, "an artifact of \(count) layers does not fit, at most \(Manifest.maximumLayers)"
        )
    }

    private func pack(
        _ files: [FileEntry], maximum: Int
    ) throws(AssayError) -> (files: [FileEntry], segments: [Layer]) {
        var places: [Digest: [Extent]] = [:]
        var segments: [Layer] = []
        for plan in SegmentPacker.plan(files, maximum: maximum) {
            let digest = try segment(of: plan)
            segments.append(Layer(mediaType: MediaType.segment, digest: digest, size: plan.size))
            var offset = 0
            for file in plan.files {
                places[file.digest] = [Extent(segment: digest, offset: offset, length: file.size)]
                offset += file.size
            }
        }
        let packed = files.map { file in
            FileEntry(
                path: file.path, mode: file.mode, size: file.size, digest: file.digest,
                extents: places[file.digest] ?? [])
        }
        return (packed, segments)
    }

    private func segment(of plan: SegmentPacker.Plan) throws(AssayError) -> Digest {
        if plan.files.count == 1, let file = plan.files.first, contains(file.digest) {
            guard try size(of: file.digest) == file.size else {
                try verify(file.digest)
                throw AssayError(
                    .damaged, "file \(file.path) has another size than its blob \(file.digest)")
            }
            return file.digest
        }
        var writer = try newBlob()
        for file in plan.files {
            try stream(file) { (bytes) throws(AssayError) in try writer.write(bytes) }
        }
        return try writer.finish().digest
    }
}
