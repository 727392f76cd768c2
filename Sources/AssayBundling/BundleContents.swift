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
    /// Whether the contents of pinned files need not be here, because only digests are wanted.
    let trustsPins: Bool
    /// Every file found so far.
    private(set) var files: [FileEntry] = []

    init(
        tree: SourceTree, pins: PinFile, directory: String, writer: ContentWriter,
        definition: ServiceDefinition, trustsPins: Bool = false
    ) {
        self.trustsPins = trustsPins
        self.tree = tree
        self.pins = pins
        self.directory = directory
        self.writer = writer
        self.definition = definition
    }

    /// The code: what the patterns select and no other component claims.
    mutating func code() throws(AssayError) -> [FileEntry] {
        let claimed =
            (definition.data + definition.weights).compactMap(\.path).map(outputPath)
            + definition.features
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
            case .path(let declared):
                result.append(try self.item(item, declared, part: part))
            }
        }
        return result
    }

    private mutating func item(
        _ item: ServiceDefinition.Item, _ declared: String, part: String
    ) throws(AssayError) -> BundleItem {
        let name = "\(part) \(item.name)"
        var path = outputPath(declared)
        var found = try item.selection.filter(
            try resolve(path, name: name), beneath: path, name: name)
        if item.kind == "archive" {
            guard let archive = found.first, found.count == 1, archive.path == path else {
                throw AssayError(
                    .usage, "could not take \(name) into a bundle: \(path) is no single file",
                    hint: "`kind: directory` is for a directory")
            }
            path = ServiceDefinition.Item.unpackedPath(path)
            found = try unpacked(archive, at: path, name: name)
        }
        files += found
        if let file = found.first, found.count == 1, file.path == path {
            return BundleItem(
                name: item.name, kind: item.kind, content: .file(path: path, digest: file.digest))
        }
        let below = found.map { $0.renamed(String($0.path.dropFirst(path.count + 1))) }
        return BundleItem(
            name: item.name, kind: item.kind,
            content: .tree(path: path, digest: TreeDigest.of(below)))
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
            _ = try InstallableLock(bytes, file: prefixed(path))
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
                .notFound,
                "could not take \(path) into a bundle: it is a git submodule whose commit is not here",
                hint:
                    "fetch it with `git submodule update --init --recursive \(prefixed(path))`, or exclude it in `code`"
            )
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
