import AssayCore

/// A manifest that speaks about another one, its subject.
struct Referrer: Hashable, Sendable {
    let mediaType: String
    let digest: Digest
    let size: Int
    let artifactType: String
    let annotations: [String: String]

    init(
        mediaType: String, digest: Digest, size: Int, artifactType: String,
        annotations: [String: String]
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.artifactType = artifactType
        self.annotations = annotations
    }

    /// Reads an entry of an image index.
    init(_ reader: JSONReader) throws(AssayError) {
        mediaType = try reader["mediaType"].string()
        digest = try reader["digest"].digest()
        size = try reader["size"].integer()
        artifactType = try reader["artifactType"].ifPresent?.string() ?? ""
        annotations = try reader["annotations"].ifPresent?.stringMap() ?? [:]
    }

    var document: JSONValue {
        .object(present: [
            "mediaType": JSONValue(mediaType), "digest": JSONValue(digest), "size": JSONValue(size),
            "artifactType": artifactType.isEmpty ? nil : JSONValue(artifactType),
            "annotations": annotations.isEmpty ? nil : JSONValue(annotations),
        ])
    }
}
