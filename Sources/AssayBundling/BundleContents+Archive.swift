import AssayArchive
import AssayCore
import AssayStore
import AssaySystem
import SystemPackage

extension BundleContents {
    /// The content of an archive as files beneath `place`, or, of one packed file, as that file.
    ///
    /// What the container is, how it is packed and what times it carries does not count: the same
    /// content in a `.zip` and in a `.tar.zst` gives the same digest.
    func unpacked(
        _ archive: FileEntry, at place: String, name: String
    ) throws(AssayError) -> [FileEntry] {
        try FileSystem.makeDirectory(store.cache)
        let directory = try TemporaryDirectory(in: store.cache, prefix: "archive-")
        let container = directory.path.appending("container")
        try store.extract(archive, to: container, mode: 0o600)
        do throws(AssayError) {
            if try ArchiveExtraction.isArchive(container) {
                return try files(of: container, beneath: directory.path, at: place)
            }
            return [try single(container, at: place)]
        } catch {
            let sentence = error.message.replacing(container.string, with: archive.path)
            throw AssayError(
                error.code, "could not take \(name) into a bundle: \(sentence)", hint: error.hint)
        }
    }

    private func files(
        of container: FilePath, beneath directory: FilePath, at place: String
    ) throws(AssayError) -> [FileEntry] {
        let content = directory.appending("content")
        var files: [FileEntry] = []
        for path in try ArchiveExtraction.extract(container, into: content) {
            let below = "\(place)/\(path)"
            if let fault = RelativePath.fault(in: below) {
                throw AssayError(.usage, "its path \(path) \(fault)")
            }
            let source = content.appending(path)
            guard let status = try FileSystem.status(of: source) else { continue }
            if status.kind == .symlink {
                let target = try SourceTree.target(of: source)
                files.append(entry(below, .symlink, try store.put(target), target.count))
            } else {
                let put = try store.putFile(at: source)
                let mode: AssayStore.FileMode = status.mode & 0o100 != 0 ? .executable : .regular
                files.append(entry(below, mode, put.digest, put.size))
            }
        }
        guard !files.isEmpty else {
            throw AssayError(.damaged, "archive \(container) has no file in it")
        }
        return files
    }

    /// One file in gzip, zstd or xz.
    private func single(
        _ container: FilePath, at place: String
    ) throws(AssayError) -> FileEntry {
        var stream = try UnpackedStream(container)
        guard stream.packing != .none else {
            throw AssayError(
                .unsupported, "\(container) is neither tar, zip, gzip, zstd nor xz",
                hint: "give it another `kind` in assay.yaml, or none")
        }
        let limits = ArchiveLimits()
        var writer = try store.newBlob()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var size = 0
        while true {
            let count = try stream.readChunk(&chunk)
            if count == 0 { break }
            size += count
            guard size <= limits.free || size / limits.ratio <= stream.packedSize else {
                throw AssayError(
                    .limit,
                    "archive \(container) is refused: it holds more than \(limits.ratio) bytes for each of its \(ByteCount(stream.packedSize))"
                )
            }
            try writer.write(chunk[..<count])
        }
        let put = try writer.finish()
        return entry(place, .regular, put.digest, put.size)
    }
}
