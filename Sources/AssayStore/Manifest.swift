import AssayCore

/// An OCI image manifest, as far as this project writes and reads it.
struct Manifest: Hashable {
    var artifactType: String
    var config: Layer
    var layers: [Layer]
    var annotations: [String: String]

    /// At most this many layers; copying tools slow down with their square.
    static let maximumLayers = 512
    /// At most this many bytes.
    static let maximumSize = 1 << 20
    /// At most this many bytes in a layer, so that the sum over all layers is a number.
    static let maximumLayerSize = 1 << 50

    /// The canonical bytes.
    var bytes: [UInt8] {
        CanonicalJSON.encode(
            .object(present: [
                "schemaVersion": 2, "mediaType": JSONValue(MediaType.manifest),
                "artifactType": JSONValue(artifactType), "config": Self.document(config),
                "layers": .array(layers.map(Self.document)),
                "annotations": annotations.isEmpty ? nil : JSONValue(annotations),
            ]))
    }

    /// Reads a manifest. Members that others may add are allowed and kept out.
    init(parsing bytes: [UInt8], name: String) throws(AssayError) {
        let root = JSONReader(try JSONParser.parse(bytes, file: name), document: name)
        guard try root["mediaType"].string() == MediaType.manifest else {
            throw AssayError(.damaged, "\(name) is not an OCI image manifest")
        }
        artifactType = try root["artifactType"].ifPresent?.string() ?? ""
        config = try Self.layer(root["config"])
        layers = []
        for element in try root["layers"].elements() { layers.append(try Self.layer(element)) }
        guard layers.count <= Self.maximumLayers else {
            throw AssayError(
                .limit, "\(name) has \(layers.count) layers, at most \(Self.maximumLayers)")
        }
        annotations = try root["annotations"].ifPresent?.stringMap() ?? [:]
    }

    init(artifactType: String, config: Layer, layers: [Layer], annotations: [String: String]) {
        self.artifactType = artifactType
        self.config = config
        self.layers = layers
        self.annotations = annotations
    }

    private static func document(_ layer: Layer) -> JSONValue {
        .object(present: [
            "mediaType": JSONValue(layer.mediaType), "digest": JSONValue(layer.digest),
            "size": JSONValue(layer.size),
            "annotations": layer.annotations.isEmpty ? nil : JSONValue(layer.annotations),
        ])
    }

    private static func layer(_ reader: JSONReader) throws(AssayError) -> Layer {
        let size = try reader["size"].integer()
        guard (0...maximumLayerSize).contains(size) else {
            throw reader["size"].mismatch("a size of at most \(ByteCount(maximumLayerSize))")
        }
        return Layer(
            mediaType: try reader["mediaType"].string(), digest: try reader["digest"].digest(),
            size: size, annotations: try reader["annotations"].ifPresent?.stringMap() ?? [:])
    }
}
