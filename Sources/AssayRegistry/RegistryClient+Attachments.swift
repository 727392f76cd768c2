public import AssayCore
public import AssayStore

extension RegistryClient {
    /// Attaches documents of a store to an artifact that the registry has; gives how many it had not.
    public func attach(
        _ attachments: [Attachment], to subject: RemoteArtifact, from store: Store
    ) async throws(AssayError) -> Int {
        guard !attachments.isEmpty else { return 0 }
        let (present, hasAPI) = try await referrers(of: subject.digest)
        let known = Set(present.map(\.digest))
        _ = try store.put(Attachment.emptyConfig)
        var count = 0
        for attachment in attachments {
            let bytes = attachment.manifest(
                subject: subject.digest, size: subject.bytes.count)
            let digest = Digest(of: bytes)
            if known.contains(digest) { continue }
            try store.put(bytes)
            _ = try await push(digest, tag: nil, from: store)
            count += 1
            if hasAPI { continue }
            try await addReferrer(
                Referrer(
                    mediaType: MediaType.manifest, digest: digest, size: bytes.count,
                    artifactType: attachment.artifactType, annotations: attachment.annotations),
                to: subject.digest)
        }
        return count
    }

    /// The largest document about an artifact that is fetched.
    static let largestDocument = 64 << 20

    /// Brings the documents of a kind that are attached to an artifact into a store; gives them.
    ///
    /// A referrer that is of that kind but cannot be read is an error, never passed over.
    public func attachments(
        of subject: Digest, type: String, into store: Store
    ) async throws(AssayError) -> [Layer] {
        let meant = try await referrers(of: subject).found.filter { $0.artifactType == type }
        return try await concurrentMap(meant, limit: options.connections) {
            (referrer) throws(AssayError) in
            guard let manifest = try await manifest("\(referrer.digest)") else {
                throw AssayError(
                    .notFound,
                    "registry \(location.host) lists \(referrer.digest) about \(subject.short), but has it not",
                    hint: "push it again from where it still is")
            }
            let listing = try ArtifactManifest(
                parsing: manifest.bytes, name: "referrer \(referrer.digest)")
            guard let document = listing.layers.first, listing.layers.count == 1 else {
                throw AssayError(
                    .damaged,
                    "referrer \(referrer.digest) of registry \(location.host) holds no document")
            }
            guard document.size <= Self.largestDocument else {
                throw AssayError(
                    .limit,
                    "referrer \(referrer.digest) of registry \(location.host) holds a document of "
                        + "\(ByteCount(document.size)), at most \(ByteCount(Self.largestDocument))")
            }
            _ = try await pull([document], into: store)
            return document
        }
    }
}
