import AssayCore
import AssayStore
import AssaySystem
import SystemPackage

extension BundleContents {
    /// The path that a declared path means: that of the output if a `.dvc` file is named.
    func outputPath(_ path: String) -> String {
        guard path.hasSuffix(".dvc"), tree.files[path] != nil else { return path }
        return String(path.dropLast(4))
    }

    /// The files at `path` that DVC keeps, out of its cache; `nil` if DVC says nothing of it.
    ///
    /// The pointer comes from the commit: `<path>.dvc`, or a `dvc.lock` in a directory above it.
    func fromDVC(_ path: String, name: String) throws(AssayError) -> [FileEntry]? {
        guard let (pointer, file) = try pointer(to: path) else { return nil }
        let cache = try DVCCache(serviceDirectory: directory, tree.repository)
        guard pointer.isDirectory else {
            let content = try stored(
                pointer.md5, isPlain: pointer.isPlain, cache, path: path, pointer: file)
            return [entry(path, .regular, content.digest, content.size)]
        }
        guard let list = try cache.find(pointer.md5, isDirectory: true) else {
            throw lost("\(pointer.md5).dir", cache, path: path, pointer: file)
        }
        let found = try DVCCache.hash(list)
        guard found == pointer.md5 else { throw hurt(list, found) }
        var files: [FileEntry] = []
        let bytes = try FileSystem.read(list, limit: 1 << 30)
        for member in try DVCPointer.members(bytes, file: list.string) {
            let below = "\(path)/\(member.path)"
            let content = try stored(
                member.md5, isPlain: pointer.isPlain, cache, path: below, pointer: file)
            files.append(entry(below, .regular, content.digest, content.size))
        }
        guard !files.isEmpty else {
            throw AssayError(
                .notFound, "could not take \(name) into a bundle: \(file) names an empty directory")
        }
        return files.sorted { RelativePath.precedes($0.path, $1.path) }
    }

    private func pointer(to path: String) throws(AssayError) -> (DVCPointer, file: String)? {
        let parts = path.split(separator: "/").map(String.init)
        let own = "\(path).dvc"
        if let last = parts.last, let bytes = try tree.read(own, limit: 1 << 20) {
            guard let found = try DVCPointer.read(bytes, output: last, file: prefixed(own)) else {
                throw AssayError(
                    .invalidDocument, "\(prefixed(own)) names no output \(last) with an md5",
                    hint: "bring it up to date with `dvc commit \(prefixed(own))`")
            }
            return (found, own)
        }
        for depth in (0..<parts.count).reversed() {
            let above = parts[..<depth].joined(separator: "/")
            let lock = above.isEmpty ? "dvc.lock" : "\(above)/dvc.lock"
            let output = parts[depth...].joined(separator: "/")
            if let bytes = try tree.read(lock, limit: 1 << 24),
                let found = try DVCPointer.readLock(bytes, output: output, file: prefixed(lock))
            {
                return (found, lock)
            }
        }
        return nil
    }

    private func stored(
        _ md5: String, isPlain: Bool, _ cache: DVCCache, path: String, pointer: String
    ) throws(AssayError) -> ContentWriter.Added {
        guard let place = try cache.find(md5, isDirectory: false) else {
            throw lost(md5, cache, path: path, pointer: pointer)
        }
        let found = try DVCCache.hash(place)
        guard found == md5 else {
            guard isPlain else {
                throw AssayError(
                    .unsupported,
                    "could not take \(path) into a bundle: \(place) has another MD5, and \(prefixed(pointer)) is of a DVC before 3, which took carriage returns out of texts before it hashed them",
                    hint: "bring it up to date with `dvc cache migrate --dvc-files`")
            }
            throw hurt(place, found)
        }
        return try writer.add(fileAt: place, grain: definition.grain(of: path))
    }

    private func hurt(_ place: FilePath, _ found: String) -> AssayError {
        AssayError(
            .digestMismatch, "\(place) in DVC's cache is damaged: its bytes hash to MD5 \(found)",
            hint: "remove that file and fetch it again with `dvc pull`")
    }

    private func lost(
        _ hash: String, _ cache: DVCCache, path: String, pointer: String
    ) -> AssayError {
        let looked =
            cache.places.isEmpty
            ? "there is no .dvc directory at or above the service's directory"
            : "it is not in \(cache.places.map(\.string).joined(separator: ", nor in "))"
        return AssayError(
            .notFound,
            "could not find the content of \(path), which \(prefixed(pointer)) names as \(hash): \(looked)",
            hint: "fetch it with `dvc pull \(prefixed(pointer))`")
    }
}
