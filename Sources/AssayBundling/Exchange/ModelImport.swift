public import AssayCore
public import AssayStore
import AssaySystem
import Glibc
public import SystemPackage

/// Takes the files of a model in that others packed: a ModelPack artifact, or a directory as Hugging
/// Face keeps it.
public enum ModelImport {
    /// Writes the files of the model beneath a directory that is empty or not there yet, and gives
    /// their paths, relative to it, sorted.
    ///
    /// Of a ModelPack artifact each layer is hashed, and only layers that are one file as it is are
    /// read. Of a directory, what lies in `.git` and `.cache` is left out, and symlinks, as a cache
    /// of Hugging Face has them, are followed to files. Throws `.unsupported` for what holds no
    /// model, `.digestMismatch` for a layer that is hurt.
    public static func run(
        _ path: FilePath, into directory: FilePath, store: Store
    ) throws(AssayError) -> [String] {
        let opened = try OpenedExport.open(path, scratch: store.cache)
        if FileSystem.exists(directory), try !FileSystem.names(in: directory).isEmpty {
            throw AssayError(
                .usage, "could not import \(path): the directory \(directory) is not empty")
        }
        let parent = directory.removingLastComponent()
        try FileSystem.makeDirectory(parent.isEmpty ? "." : parent)
        let temporary = try Bundle.beside(directory)
        let content = temporary.path.appending("content")
        try FileSystem.makeDirectory(content)
        var paths: [String] = []
        switch opened.form {
        case .model: try copy(opened.root, "", to: content, into: &paths)
        case .layout(let manifest) where manifest.artifactType == ModelPack.artifactType:
            try unpack(opened.root, manifest.digest, to: content, into: &paths)
        case .layout(let manifest):
            throw AssayError(
                .unsupported,
                "could not import \(path): it holds \(manifest.artifactType), no model",
                hint: "a bundle is imported without `--into`")
        case .directory:
            throw AssayError(
                .unsupported, "could not import \(path): it holds a bundle, no model",
                hint: "a bundle is imported without `--into`")
        }
        // Renaming replaces a directory that is empty.
        try FileSystem.rename(content, to: directory)
        return paths.sorted(by: RelativePath.precedes)
    }

    private static func copy(
        _ source: FilePath, _ prefix: String, to directory: FilePath, into paths: inout [String]
    ) throws(AssayError) {
        for name in try FileSystem.names(in: source) where name != ".git" && name != ".cache" {
            let place = source.appending(name)
            let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
            if let fault = RelativePath.fault(in: path) {
                throw AssayError(.usage, "could not import \(place): its path \(fault)")
            }
            let status = try FileSystem.status(of: place)
            if status?.kind == .directory {
                try copy(place, path, to: directory, into: &paths)
                continue
            }
            let real = status?.kind == .symlink ? try TrackedPath.realPath(place) : place
            guard try FileSystem.status(of: real)?.kind == .file else {
                throw AssayError(
                    .unsupported, "could not import \(place): it is no file and leads to none")
            }
            try write(real, to: directory, path)
            paths.append(path)
        }
    }

    @discardableResult
    private static func write(
        _ source: FilePath, to directory: FilePath, _ path: String
    ) throws(AssayError) -> Digest {
        let target = directory.appending(path)
        try FileSystem.makeDirectory(target.removingLastComponent())
        let input = try OpenFile.reading(source)
        let output = try OpenFile.creating(target)
        var hasher = SHA256Hasher()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try input.readChunk(&chunk)
            if count == 0 { return hasher.finish() }
            let piece = Array(chunk[..<count])
            hasher.update(piece)
            try output.write(piece)
        }
    }

    private static func unpack(
        _ root: FilePath, _ manifest: Digest, to directory: FilePath, into paths: inout [String]
    ) throws(AssayError) {
        let blobs = root.appending("blobs/sha256")
        let bytes = try FileSystem.read(blobs.appending(manifest.hex), limit: 1 << 22)
        guard Digest(of: bytes) == manifest else {
            throw AssayError(.digestMismatch, "manifest \(manifest) of the artifact is damaged")
        }
        let name = "manifest \(manifest)"
        let document = JSONReader(try JSONParser.parse(bytes, file: name), document: name)
        for layer in try document["layers"].elements() {
            let type = try layer["mediaType"].string()
            guard type.hasSuffix(".raw") else {
                throw AssayError(
                    .unsupported,
                    "a layer of the artifact is \(type); only files as they are are read",
                    hint: "pack it with raw layers, as `modctl build --raw`")
            }
            let path = try layer["annotations"][ModelPack.filePath].path()
            let digest = try layer["digest"].digest()
            let source = blobs.appending(digest.hex)
            guard FileSystem.exists(source) else {
                throw AssayError(.damaged, "the artifact has no blob \(digest), its file \(path)")
            }
            let found = try write(source, to: directory, path)
            guard found == digest else {
                throw AssayError(
                    .digestMismatch,
                    "file \(path) of the artifact is damaged: it hashes to \(found)")
            }
            paths.append(path)
        }
    }
}
