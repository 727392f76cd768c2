import AssayCore
import AssayEnvironment
import AssayGit
import AssayStore
import AssaySystem
import SystemPackage

/// Finds the content of every part of a bundle and hands it to the store's writer.
struct BundleContents {
    let tree: SourceTree
    let pins: PinFile
    let directory: String
    let writer: ContentWriter
    let definition: ServiceDefinition
    /// Every file found so far.
    private(set) var files: [FileEntry] = []

    init(
        tree: SourceTree, pins: PinFile, directory: String, writer: ContentWriter,
        definition: ServiceDefinition
    ) {
        self.tree = tree
        self.pins = pins
        self.directory = directory
        self.writer = writer
        self.definition = definition
    }

    /// The code: what the patterns select and no other component claims.
    mutating func code() throws(AssayError) -> [FileEntry] {
        let claimed =
            (definition.data + definition.weights).compactMap(\.path) + definition.features
            + [definition.environment.lock].compactMap { $0 }
        var code: [FileEntry] = []
        for path in tree.paths {
            guard !ServiceDefinition.controlFiles.contains(path),
                !claimed.contains(where: { RelativePath.isWithin(path, $0) }),
                isSelected(path)
            else { continue }
            code.append(try fromTree(path))
        }
        guard !code.isEmpty else {
            let patterns = definition.code.include.map { "\($0)" }.joined(separator: ", ")
            throw AssayError(
                .usage,
                "could not build a bundle: no file of \(tree.name) matches the code patterns \(patterns)",
                hint:
                    "patterns count from the directory of assay.yaml; \(tree.files.count) files are there"
            )
        }
        files += code
        return code
    }

    /// A submodule is one path of the tree, but patterns mean the files in it.
    private func isSelected(_ path: String) -> Bool {
        definition.code.selects(path)
            || (tree.files[path]?.mode == .submodule && definition.code.selects(path + "/x"))
    }

    mutating func features() throws(AssayError) -> [FileEntry] {
        var features: [FileEntry] = []
        for path in definition.features { features += try resolve(path, name: "features") }
        files += features
        return features
    }

    mutating func items(
        _ items: [ServiceDefinition.Item], part: String
    ) throws(AssayError) -> [BundleItem] {
        var result: [BundleItem] = []
        for item in items {
            switch item.source {
            case .reference(let uri, let digest):
                result.append(
                    BundleItem(
                        name: item.name, kind: item.kind,
                        content: .reference(uri: uri, digest: digest)))
            case .path(let path):
                let found = try resolve(path, name: "\(part) \(item.name)")
                files += found
                if let file = found.first, found.count == 1, file.path == path {
                    result.append(
                        BundleItem(
                            name: item.name, kind: item.kind,
                            content: .file(path: path, digest: file.digest)))
                } else {
                    let below = found.map { $0.renamed(String($0.path.dropFirst(path.count + 1))) }
                    result.append(
                        BundleItem(
                            name: item.name, kind: item.kind,
                            content: .tree(path: path, digest: TreeDigest.of(below))))
                }
            }
        }
        return result
    }

    mutating func environment() throws(AssayError) -> BundleConfig.EnvironmentSection {
        let declared = definition.environment
        var lock: BundleConfig.EnvironmentSection.Lock?
        if let path = declared.lock {
            guard tree.files[path] != nil, let bytes = try tree.read(path, limit: 1 << 26) else {
                throw AssayError(
                    .notFound, "could not build a bundle: the lock \(path) is not in \(tree.name)",
                    hint:
                        "write it with `uv pip compile --generate-hashes requirements.in -o \(path)` and commit it"
                )
            }
            _ = try RequirementsLock.parse(bytes, file: prefixed(path))
            let entry = try fromTree(path)
            files.append(entry)
            lock = .init(path: path, digest: entry.digest)
        }
        return .init(
            kind: declared.kind, python: declared.python, lock: lock, image: declared.image,
            variables: declared.variables, secrets: declared.secrets)
    }

    func prefixed(_ path: String) -> String { directory.isEmpty ? path : "\(directory)/\(path)" }

    /// One file of the commit or work tree, stored, with a mode that no umask decides.
    func fromTree(_ path: String) throws(AssayError) -> FileEntry {
        guard let file = tree.files[path] else {
            throw AssayError(.notFound, "could not find \(path) in \(tree.name)")
        }
        if let fault = RelativePath.fault(in: path) {
            throw AssayError(.usage, "could not take \(path) into a bundle: the path \(fault)")
        }
        if file.mode == .submodule {
            throw AssayError(
                .unsupported,
                "could not take \(path) into a bundle: it is a git submodule, whose files are not in the commit",
                hint: "exclude it in `code`, or keep its files in this repository")
        }
        if case .disk(let place) = file.content, file.mode != .symlink {
            if let size = try FileSystem.status(of: place)?.size,
                size <= LargeFilePointer.maximumSize,
                let pointer = LargeFilePointer(try FileSystem.read(place))
            {
                return try largeFile(pointer, path: path, mode: file.mode)
            }
            let put = try writer.add(fileAt: place, grain: definition.grain(of: path))
            return entry(path, file.mode.fileMode, put.digest, put.size)
        }
        guard let bytes = try tree.read(path) else {
            throw AssayError(.notFound, "could not find \(path) in \(tree.name)")
        }
        if file.mode == .symlink {
            let target = String(decoding: bytes, as: UTF8.self)
            if let fault = RelativePath.fault(inLinkAt: path, target: target) {
                throw AssayError(
                    .usage, "could not take \(path) into a bundle: the symlink \(fault)",
                    hint: "put the file itself there, or exclude it in `code`")
            }
        } else if let pointer = LargeFilePointer(bytes) {
            return try largeFile(pointer, path: path, mode: file.mode)
        }
        let put = try writer.add(bytes)
        return entry(path, file.mode.fileMode, put.digest, put.size)
    }

    func entry(
        _ path: String, _ mode: AssayStore.FileMode, _ digest: Digest, _ size: Int
    ) -> FileEntry {
        FileEntry(path: path, mode: mode, size: size, digest: digest)
    }
}
