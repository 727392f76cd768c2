import AssayArchive
import AssayCore
import AssayStore
import AssaySystem
import SystemPackage

/// Something that was exported, here or elsewhere, as a directory that can be read.
struct OpenedExport: ~Copyable {
    /// The directory.
    let root: FilePath
    /// What is in it.
    let form: Form
    /// What an archive was unpacked into; gone with this value.
    private let scratch: TemporaryDirectory?

    enum Form: Hashable {
        /// A bundle as a plain directory.
        case directory
        /// An image layout with one manifest.
        case layout(ManifestName)
        /// The files of a model, as Hugging Face keeps them.
        case model
    }

    struct ManifestName: Hashable {
        let digest: Digest
        let artifactType: String
    }

    private init(root: FilePath, form: Form, scratch: consuming TemporaryDirectory?) {
        self.root = root
        self.form = form
        self.scratch = scratch
    }

    /// Opens a directory, or unpacks an archive into a directory of its own beneath `scratch`.
    static func open(
        _ path: FilePath, scratch directory: FilePath
    ) throws(AssayError) -> OpenedExport {
        guard let status = try FileSystem.status(of: path) else {
            throw AssayError(.notFound, "could not import \(path): nothing is there")
        }
        if status.kind == .directory {
            return OpenedExport(root: path, form: try form(of: path, path), scratch: nil)
        }
        try FileSystem.makeDirectory(directory)
        let temporary = try TemporaryDirectory(in: directory, prefix: "import-")
        let root = temporary.path.appending("content")
        _ = try ArchiveExtraction.extract(path, into: root)
        let form = try form(of: root, path)
        return OpenedExport(root: root, form: form, scratch: temporary)
    }

    private static func form(of root: FilePath, _ path: FilePath) throws(AssayError) -> Form {
        if FileSystem.exists(root.appending("oci-layout")) {
            let file = root.appending("index.json")
            let index = JSONReader(
                try JSONParser.parse(try FileSystem.read(file, limit: 1 << 22), file: file.string),
                document: file.string)
            let manifests = try index["manifests"].elements()
            guard let manifest = manifests.first, manifests.count == 1 else {
                throw AssayError(
                    .ambiguous,
                    "could not import \(path): it has \(manifests.count) manifests, not one",
                    hint: "take all of a store's export in with `assay store import`"
                )
            }
            let digest = try manifest["digest"].digest()
            if let type = try manifest["artifactType"].ifPresent?.string() {
                return .layout(ManifestName(digest: digest, artifactType: type))
            }
            // The index need not repeat what the manifest says.
            let blob = root.appending("blobs/sha256").appending(digest.hex)
            let document = JSONReader(
                try JSONParser.parse(try FileSystem.read(blob, limit: 1 << 22), file: blob.string),
                document: blob.string)
            return .layout(
                ManifestName(digest: digest, artifactType: try document["artifactType"].string()))
        }
        if FileSystem.exists(root.appending(Bundle.directoryConfig)),
            FileSystem.exists(root.appending(Bundle.directoryFiles))
        {
            return .directory
        }
        if FileSystem.exists(root.appending("config.json")) { return .model }
        throw AssayError(
            .unsupported,
            "could not import \(path): it is neither an image layout, a bundle's directory nor a model's",
            hint: "a model's directory has a config.json")
    }
}
