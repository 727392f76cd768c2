public import AssayCore
public import AssayStore

extension RegistryClient {
    /// The artifact of a tag; `nil` if the registry has none.
    ///
    /// Throws `.invalidDocument` or `.damaged` if something else has the tag.
    public func artifact(tag: String) async throws(AssayError) -> RemoteArtifact? {
        guard let manifest = try await manifest(tag) else { return nil }
        return RemoteArtifact(
            bytes: manifest.bytes, digest: manifest.digest,
            listing: try ArtifactManifest(
                parsing: manifest.bytes, name: "\(location):\(tag)"))
    }

    /// Brings an artifact of a store to the registry and points a tag to it, if one is given.
    ///
    /// Asks for every blob, moves those that are missing, asks for these again, and puts the manifest
    /// by its digest and last by its tag: a reader never sees a part. Blobs may be taken out of another
    /// repository of the same registry, `other`.
    ///
    /// Where the tag leads to this manifest already, the registry took it with all its blobs once, and
    /// is only given it again: it looks for them itself, and those that it then misses are brought.
    /// With `asking` it is asked for each of them all the same.
    public func push(
        _ manifest: Digest, tag: String?, from store: Store, mounting other: String? = nil,
        asking: Bool = false, progress: @escaping TransferProgress = { _, _ in }
    ) async throws(AssayError) -> TransferReport {
        let bytes = try store.read(manifest, limit: 4 << 20)
        let blobs = try store.listing(of: manifest).blobs.filter { $0.size > 0 }
        if let tag, !asking, try await self.manifest(tag)?.digest == manifest {
            var report = TransferReport(blobs: blobs.count, present: blobs.count)
            try await place(bytes, reference: tag, blobs: blobs, from: store, &report)
            report.present = max(report.blobs - report.moved, 0)
            return report
        }
        for blob in blobs where try !store.has(blob) {
            throw AssayError(
                .damaged,
                "blob \(blob.digest) of manifest \(manifest.short) is not whole in the store",
                hint: "build it again with `assay bundle create`, or fetch it with `assay pull`")
        }
        let counter = TransferCounter(blobs, progress: progress)
        let isThere = try await concurrentMap(blobs, limit: options.connections) {
            (blob) throws(AssayError) in
            let isThere = try await hasBlob(blob)
            if isThere { counter.add(blob.size) }
            return isThere
        }
        let missing = zip(blobs, isThere).filter { !$1 }.map(\.0)
        var report = TransferReport(blobs: blobs.count, present: blobs.count - missing.count)
        try await send(missing, from: store, mounting: other, counter, &report)
        try await confirm(missing, from: store, &report)
        try await place(bytes, reference: "\(manifest)", blobs: blobs, from: store, &report)
        if let tag { try await place(bytes, reference: tag, blobs: blobs, from: store, &report) }
        return report
    }

    private func send(
        _ blobs: [Layer], from store: Store, mounting other: String?,
        _ counter: TransferCounter?, _ report: inout TransferReport
    ) async throws(AssayError) {
        let outcomes = try await concurrentMap(blobs, limit: options.connections) {
            (blob) throws(AssayError) in
            let outcome = try await putBlob(blob, from: store, mounting: other)
            counter?.add(blob.size)
            return outcome
        }
        for (blob, outcome) in zip(blobs, outcomes) {
            switch outcome {
            case .sent:
                report.moved += 1
                report.bytes += blob.size
            case .mounted: report.mounted += 1
            case .present: report.present += 1
            }
        }
    }

    /// Asks for blobs that were just brought, and brings those again that are not there.
    private func confirm(
        _ blobs: [Layer], from store: Store, _ report: inout TransferReport
    ) async throws(AssayError) {
        var rest = blobs
        for _ in 0..<Self.rounds {
            let isThere = try await concurrentMap(rest, limit: options.connections) {
                (blob) throws(AssayError) in try await hasBlob(blob)
            }
            rest = zip(rest, isThere).filter { !$1 }.map(\.0)
            if rest.isEmpty { return }
            try await send(rest, from: store, mounting: nil, nil, &report)
        }
        throw lost(rest)
    }

    /// Puts a manifest, and brings again what the registry says it lacks.
    private func place(
        _ bytes: [UInt8], reference: String, blobs: [Layer], from store: Store,
        _ report: inout TransferReport
    ) async throws(AssayError) {
        var named: [Layer] = []
        for _ in 0..<Self.rounds {
            let outcome = try await putManifest(
                bytes, mediaType: MediaType.manifest, reference: reference)
            guard case .missing(let digests) = outcome else { return }
            named = blobs.filter { digests.contains($0.digest) }
            confirmed.remove((named.isEmpty ? blobs : named).map(\.digest))
            if named.isEmpty {
                try await confirm(blobs, from: store, &report)
            } else {
                // The registry's HEAD said otherwise before, so it is not asked again.
                try await send(named, from: store, mounting: nil, nil, &report)
            }
        }
        throw lost(named)
    }

    private static let rounds = 3

    private func lost(_ blobs: [Layer]) -> AssayError {
        let name = blobs.first.map { "blob \($0.digest.short)" } ?? "blobs that it does not name"
        return AssayError(
            .network,
            "registry \(location.host) does not keep \(name), though it was pushed \(Self.rounds) times",
            hint: "ask whoever runs it to look at its storage")
    }
}
