import AssayArchive
public import AssayCore
public import AssayStore
import AssaySystem
public import SystemPackage

extension Bundle {
    /// Writes the bundle as a ModelPack artifact, in an OCI archive: each file one layer, as it is.
    ///
    /// Format: https://github.com/modelpack/model-spec/blob/main/docs/spec.md. Weights, data, code and
    /// configuration get the media types of the specification; how the bundle is served has no place
    /// there, so that another tool gets the files, and `exportArchive` the whole bundle. Files stream
    /// out of the segments; nothing but the archive is written. Throws `.unsupported` for a bundle
    /// with a symlink, which a layer of bytes cannot be.
    public func exportModelPack(to path: FilePath, store: Store) throws(AssayError) {
        if let link = files.first(where: { $0.mode == .symlink }) {
            throw AssayError(
                .unsupported,
                "could not export bundle \(id.short) as ModelPack: \(link.path) is a symlink",
                hint: "export it as an OCI archive, which keeps links")
        }
        let layers = files.map { file -> JSONValue in
            [
                "mediaType": .string(modelPackType(of: file)), "digest": JSONValue(file.digest),
                "size": JSONValue(file.size),
                "annotations": ["org.cncf.model.filepath": .string(file.path)],
            ]
        }
        let config = CanonicalJSON.encode([
            "descriptor": .object(present: [
                "name": .string(service), "version": .string(id.short),
                "revision": commits.last.map { JSONValue($0) },
            ]),
            "config": .object(
                present: ["format": modelFormat.map { JSONValue($0) }]),
            "modelfs": [
                "type": "layers", "diffIds": JSONValue(files.map(\.digest.description)),
            ],
        ])
        let manifest = CanonicalJSON.encode([
            "schemaVersion": 2, "mediaType": .string(MediaType.manifest),
            "artifactType": .string(ModelPack.artifactType),
            "config": [
                "mediaType": .string(ModelPack.configType), "digest": JSONValue(Digest(of: config)),
                "size": JSONValue(config.count),
            ],
            "layers": .array(layers),
        ])
        let documents = [Digest(of: config): config, Digest(of: manifest): manifest]
        let contents = Dictionary(files.map { ($0.digest, $0) }, uniquingKeysWith: { $1 })
        let name = Digest(of: manifest)
        try Self.writeLayout(
            to: path, manifest: (name, manifest.count), name: service,
            artifactType: ModelPack.artifactType,
            blobs: Set(documents.keys).union(contents.keys).sorted()
        ) { (digest, writer) throws(AssayError) in
            if let document = documents[digest] {
                try writer.begin(Self.blobName(digest), size: document.count)
                try writer.write(document[...])
            } else if let file = contents[digest] {
                try writer.begin(Self.blobName(digest), size: file.size)
                try StoredContent.read(file, of: store) { (piece) throws(AssayError) in
                    try writer.write(piece)
                }
            }
        }
    }

    private func modelPackType(of file: FileEntry) -> String {
        let kind =
            switch config.component(ofFile: file.path) {
            case "weights": ModelPack.isWeights(file.path) ? "weight" : "weight.config"
            case "data": "dataset"
            case "features", "environment": "weight.config"
            default: ModelPack.isDocument(file.path) ? "doc" : "code"
            }
        return "application/vnd.cncf.model.\(kind).v1.raw"
    }

    /// The format of the weights, if they have one that can be told by their names.
    private var modelFormat: String? {
        for file in files where config.component(ofFile: file.path) == "weights" {
            for format in ["safetensors", "gguf", "onnx"] where file.path.hasSuffix(".\(format)") {
                return format
            }
        }
        return nil
    }
}

/// The words of the ModelPack specification.
enum ModelPack {
    static let artifactType = "application/vnd.cncf.model.manifest.v1+json"
    static let configType = "application/vnd.cncf.model.config.v1+json"
    static let filePath = "org.cncf.model.filepath"

    /// Whether a file beside weights holds weights, and not how to use them.
    static func isWeights(_ path: String) -> Bool {
        let endings = [".json", ".yaml", ".yml", ".toml", ".model", ".jinja", ".md"]
        return !endings.contains { path.lowercased().hasSuffix($0) }
    }

    static func isDocument(_ path: String) -> Bool {
        let name = (path.split(separator: "/").last ?? "").lowercased()
        return name.hasSuffix(".md") || name.hasPrefix("readme") || name.hasPrefix("license")
    }
}
