public import AssayCore
import AssayStore

/// A document that travels with an artifact as its referrer: a verdict, or an attestation.
public struct Attachment: Hashable, Sendable {
    /// What kind of referrer it is.
    public let artifactType: String
    /// The media type of the document.
    public let mediaType: String
    /// The blob of the document in the store, and its size.
    public let digest: Digest, size: Int
    /// Facts about it for people and tools.
    public let annotations: [String: String]

    /// Makes an attachment.
    public init(
        artifactType: String, mediaType: String, digest: Digest, size: Int,
        annotations: [String: String]
    ) {
        self.artifactType = artifactType
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.annotations = annotations
    }

    /// The empty config of an artifact that has none; OCI image specification 1.1.
    public static let emptyConfig = Array("{}".utf8)
    static let emptyType = "application/vnd.oci.empty.v1+json"

    /// The canonical bytes of the manifest that names its subject, another manifest.
    public func manifest(subject: Digest, size subjectSize: Int) -> [UInt8] {
        let subjectType = MediaType.manifest
        return CanonicalJSON.encode(
            .object(present: [
                "schemaVersion": 2, "mediaType": JSONValue(subjectType),
                "artifactType": JSONValue(artifactType),
                "config": [
                    "mediaType": JSONValue(Self.emptyType),
                    "digest": JSONValue(Digest(of: Self.emptyConfig)),
                    "size": JSONValue(Self.emptyConfig.count),
                ],
                "layers": [
                    [
                        "mediaType": JSONValue(mediaType), "digest": JSONValue(digest),
                        "size": JSONValue(size),
                    ]
                ],
                "subject": [
                    "mediaType": JSONValue(subjectType), "digest": JSONValue(subject),
                    "size": JSONValue(subjectSize),
                ],
                "annotations": annotations.isEmpty ? nil : JSONValue(annotations),
            ]))
    }
}
