import AssayArchive
public import AssayCore
public import AssayStore
import AssaySystem
public import SystemPackage

/// Takes bundles in that were exported elsewhere.
public enum BundleImport {
    /// Imports a bundle from an OCI archive, an image layout or a plain directory that `export`
    /// wrote.
    ///
    /// Everything is hashed; what does not have its digest is not taken in, and no ref is set then.
    /// Throws `.unsupported` for what holds no bundle, `.digestMismatch` and `.damaged` for what is
    /// hurt.
    public static func run(_ path: FilePath, store: Store) throws(AssayError) -> Bundle {
        let opened = try OpenedExport.open(path, scratch: store.cache)
        switch opened.form {
        case .directory: return try fromDirectory(opened.root, store: store)
        case .layout(let manifest):
            guard manifest.artifactType == BundleConfig.artifactType else {
                throw AssayError(
                    .unsupported,
                    "could not import \(path) as a bundle: it holds \(manifest.artifactType)",
                    hint:
                        "take the files of a model in with `assay bundle import --into <directory>`"
                )
            }
            return try fromLayout(opened.root, manifest.digest, store: store)
        case .model:
            throw AssayError(
                .unsupported, "could not import \(path) as a bundle: it holds the files of a model",
                hint: "take them in with `assay bundle import --into <directory>`")
        }
    }

    private static func fromLayout(
        _ root: FilePath, _ manifest: Digest, store: Store
    ) throws(AssayError) -> Bundle {
        try take(manifest, of: root, into: store)
        let name = "manifest \(manifest)"
        let document = JSONReader(
            try JSONParser.parse(try store.read(manifest, limit: 1 << 20), file: name),
            document: name)
        try take(try document["config"]["digest"].digest(), of: root, into: store)
        for layer in try document["layers"].elements() {
            try take(try layer["digest"].digest(), of: root, into: store)
        }
        let bundle = try BundleCatalog.open(manifest: manifest, store: store)
        if let damage = try bundle.verify(store: store).first { throw damage.error }
        return try BundleCatalog.adopt(manifest: manifest, commits: [], store: store)
    }

    /// Brings a blob of an image layout into the store, checked, unless it is there.
    static func take(
        _ digest: Digest, of layout: FilePath, into store: Store
    ) throws(AssayError) {
        let place = layout.appending("blobs").appending("sha256").appending(digest.hex)
        guard FileSystem.exists(place) else {
            throw AssayError(.damaged, "the export has no blob \(digest)")
        }
        if try !store.hold(digest) { try copy(place, digest, store: store) }
    }

    /// Makes a file of an export the blob that it says it is.
    private static func copy(
        _ place: FilePath, _ digest: Digest, store: Store
    ) throws(AssayError) {
        let file = try OpenFile.reading(place)
        var blob = try store.newBlob()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try file.readChunk(&chunk)
            if count == 0 { break }
            try blob.write(chunk[..<count])
        }
        let found = blob.digest
        guard found == digest else {
            throw AssayError(
                .digestMismatch, "blob \(digest) of the export is damaged: it hashes to \(found)",
                hint: "fetch or export it again")
        }
        _ = try blob.finish()
    }

    private static func fromDirectory(
        _ root: FilePath, store: Store
    ) throws(AssayError) -> Bundle {
        let file = root.appending(Bundle.directoryConfig)
        let config = try BundleConfig.parse(
            try FileSystem.read(file, limit: 64 << 20), document: file.string)
        var files: [FileEntry] = []
        let writer = try ContentWriter(store)
        try collect(root.appending(Bundle.directoryFiles), "", writer, into: &files)
        files.sort { RelativePath.precedes($0.path, $1.path) }
        try Bundle.check(config, files)
        return try BundleCatalog.record(
            BundleBuilder.Draft(config: config, files: files), commit: nil, isDirty: false,
            writer: writer)
    }

    private static func collect(
        _ directory: FilePath, _ prefix: String, _ writer: ContentWriter,
        into files: inout [FileEntry]
    ) throws(AssayError) {
        for name in try FileSystem.names(in: directory) {
            let place = directory.appending(name)
            let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
            guard let status = try FileSystem.status(of: place) else { continue }
            switch status.kind {
            case .directory: try collect(place, path, writer, into: &files)
            case .file:
                let put = try writer.add(fileAt: place)
                files.append(
                    FileEntry(
                        path: path, mode: status.mode & 0o100 != 0 ? .executable : .regular,
                        size: put.size, digest: put.digest))
            case .symlink:
                let target = try FileSystem.target(of: place)
                files.append(
                    FileEntry(
                        path: path, mode: .symlink, size: target.count,
                        digest: try writer.add(target).digest))
            case .other:
                throw AssayError(.damaged, "\(place) is neither a file, a directory nor a link")
            }
        }
    }
}
