public import AssayCore
public import AssayStore

extension RegistryClient {
    /// Brings blobs of the registry into a store that it lacks, each checked against its digest.
    ///
    /// Blobs that are there are not fetched again, so that an interrupted transfer goes on.
    public func pull(
        _ blobs: [Layer], into store: Store, progress: @escaping TransferProgress = { _, _ in }
    ) async throws(AssayError) -> TransferReport {
        var missing: [Layer] = []
        for blob in blobs {
            // What is here already stays until a ref leads to it.
            guard try store.hold(blob.digest), try store.has(blob) else {
                missing.append(blob)
                continue
            }
        }
        let counter = TransferCounter(missing, progress: progress)
        let received = try await concurrentMap(missing, limit: options.connections) {
            (blob) throws(AssayError) in
            let bytes = try await getBlob(blob, into: store)
            counter.add(blob.size)
            return bytes
        }
        return TransferReport(
            blobs: blobs.count, present: blobs.count - missing.count, moved: missing.count,
            bytes: received.reduce(0, +))
    }

    /// Brings a whole artifact into a store, the manifest last; names nothing.
    public func pull(
        _ artifact: RemoteArtifact, into store: Store,
        progress: @escaping TransferProgress = { _, _ in }
    ) async throws(AssayError) -> TransferReport {
        let report = try await pull(artifact.listing.blobs, into: store, progress: progress)
        _ = try store.put(artifact.bytes)
        return report
    }
}
