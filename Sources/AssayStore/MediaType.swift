/// The media types and artifact types of what the store holds.
public enum MediaType {
    /// An OCI image manifest, the root of every artifact.
    public static let manifest = "application/vnd.oci.image.manifest.v1+json"
    /// An OCI image index: `index.json`.
    public static let index = "application/vnd.oci.image.index.v1+json"
    /// The map of an artifact's files to segments: its first layer.
    public static let map = "application/vnd.assay.map.v1+json"
    /// Raw bytes of one file or of several in a row.
    public static let segment = "application/vnd.assay.segment.v1"
}
