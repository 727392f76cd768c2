public import AssayCore
import AssaySystem
import Glibc
import SystemPackage

extension ContentWriter {
    /// Makes an artifact of files whose contents were added here or are in the store, and gives the
    /// digest of its manifest.
    ///
    /// Segments come first, then map and config, the manifest last, each durable before the next, so
    /// that a manifest never names what is not there. Equal contents that were added the same way
    /// give equal bytes. Throws `.damaged` if a content is nowhere, `.limit` if it does not fit a
    /// manifest.
    public func putArtifact(_ draft: ArtifactDraft) throws(AssayError) -> Digest {
        let files = try Self.inOrder(draft.files)
        var layers: [Layer] = []
        var packed: [FileEntry] = []
        if !files.isEmpty {
            let room = Manifest.maximumLayers - 1 - draft.layers.count
            guard room > 0 else { throw Self.tooManyLayers(draft.layers.count) }
            var segments: [Layer] = []
            (packed, segments) = try pack(files, maximum: room)
            let map = FileMap(files: packed).bytes
            layers.append(
                Layer(mediaType: MediaType.map, digest: try store.put(map), size: map.count))
            layers += segments
        }
        layers += draft.layers
        guard layers.count <= Manifest.maximumLayers else {
            throw Self.tooManyLayers(layers.count)
        }
        try store.holdAll(layers.map(\.digest))
        let config = Layer(
            mediaType: draft.configType, digest: try store.put(draft.config),
            size: draft.config.count)
        let bytes = Manifest(
            artifactType: draft.artifactType, config: config, layers: layers,
            annotations: draft.annotations
        ).bytes
        guard bytes.count <= Manifest.maximumSize else {
            throw AssayError(
                .limit, "the manifest would have \(ByteCount(bytes.count)), at most 1 MiB")
        }
        let manifest = try store.put(bytes)
        unreached[manifest] = packed
        return manifest
    }

    private static func inOrder(_ files: [FileEntry]) throws(AssayError) -> [FileEntry] {
        let files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        for (index, file) in files.enumerated() {
            guard FileMap.isSafe(file.path) else {
                throw AssayError(
                    .usage, "could not store a file under the path \(file.path.debugDescription)")
            }
            guard index == 0 || files[index - 1].path != file.path else {
                throw AssayError(.usage, "could not store two files under one path, \(file.path)")
            }
        }
        return files
    }

    private static func tooManyLayers(_ count: Int) -> AssayError {
        AssayError(
            .limit, "an artifact of \(count) layers does not fit, at most \(Manifest.maximumLayers)"
        )
    }

    /// Gives every file its extents, and the segments in the order in which they are used first.
    private func pack(
        _ files: [FileEntry], maximum: Int
    ) throws(AssayError) -> (files: [FileEntry], segments: [Layer]) {
        var plan = SegmentPlan()
        var small: [FileEntry] = []
        for file in files where file.size > 0 && !plan.has(file.digest) {
            if file.size < SegmentRules.largeFile {
                plan.reserve(file.digest)
                small.append(file)
                continue
            }
            switch try source(of: file) {
            case .cut(let segments): plan.place(file.digest, in: segments)
            case .stored(let extents):
                for extent in extents {
                    plan.add(extent.segment, size: try store.size(of: extent.segment))
                }
                plan.place(file.digest, at: extents)
            case .spool: throw missing(file)
            }
        }
        try packSmall(small, into: &plan)
        let spooled = small.map(\.digest).filter {
            if case .spool? = sources[$0] { true } else { false }
        }
        emptySpool(of: spooled)
        let order = plan.order(of: files)
        let layers = try commit(order, plan: &plan, maximum: maximum)
        for content in spooled { sources[content] = .stored(plan.extents(of: content)) }
        let packed = files.map { file in
            FileEntry(
                path: file.path, mode: file.mode, size: file.size, digest: file.digest,
                extents: file.size > 0 ? plan.extents(of: file.digest) : [])
        }
        return (packed, layers)
    }

    func source(of file: FileEntry) throws(AssayError) -> Source {
        if let source = sources[file.digest] { return source }
        if !file.extents.isEmpty { return .stored(file.extents) }
        guard try holds(file.digest, size: file.size), let source = sources[file.digest] else {
            throw missing(file)
        }
        return source
    }

    private func missing(_ file: FileEntry) -> AssayError {
        AssayError(
            .damaged,
            "the content of \(file.path), \(file.digest) of \(ByteCount(file.size)), is not in the store \(store.root)",
            hint: "put it back with `assay track`, or build the bundle again")
    }

    /// Puts small contents in a row and cuts that.
    private func packSmall(
        _ files: [FileEntry], into plan: inout SegmentPlan
    ) throws(AssayError) {
        let total = files.reduce(0) { $0 + $1.size }
        guard total > 0 else { return }
        var row = SmallContents(writer: self, files: files)
        let average = SegmentRules.average(of: total, grain: .standard)
        let pipeline = SegmentPipeline(store: store, directory: try directory())
        let segments = try pipeline.run(
            size: total, cuts: .content(FastCDC(average: average)), hashing: false
        ) { (buffer) throws(AssayError) in
            try unsafe row.fill(buffer)
        }.segments
        plan.place(row: files, in: segments)
    }

    /// Makes the segments blobs, joined if they are too many.
    private func commit(
        _ order: [Digest], plan: inout SegmentPlan, maximum: Int
    ) throws(AssayError) -> [Layer] {
        let runs = SegmentJoin.runs(order, maximum: maximum)
        var blobs: [CutSegment] = []
        var joins: [(members: [CutSegment], joined: CutSegment)] = []
        for run in runs {
            let members = order[run].map { plan.segment($0) }
            if members.count == 1 {
                blobs += members
            } else {
                let joined = try join(members)
                joins.append((members, joined))
                blobs.append(joined)
            }
        }
        plan.replace(joins)
        try store.adopt(blobs)
        var seen: Set<Digest> = []
        return blobs.filter { seen.insert($0.digest).inserted }.map {
            Layer(mediaType: MediaType.segment, digest: $0.digest, size: $0.size)
        }
    }

    private func join(_ segments: [CutSegment]) throws(AssayError) -> CutSegment {
        let size = segments.reduce(0) { $0 + $1.size }
        let pipeline = SegmentPipeline(store: store, directory: try directory())
        var row = SegmentRow(store: store, segments: segments)
        let result = try pipeline.run(size: size, cuts: .places([size]), hashing: false) {
            (buffer) throws(AssayError) in
            try unsafe row.fill(buffer)
        }
        guard let joined = result.segments.first, result.segments.count == 1 else {
            throw AssayError(.io, "could not join segments of \(ByteCount(size))")
        }
        return joined
    }
}
