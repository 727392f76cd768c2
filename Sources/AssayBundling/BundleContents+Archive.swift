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
        try FileSystem.makeDirectory(writer.store.cache)
        let directory = try TemporaryDirectory(in: writer.store.cache, prefix: "archive-")
        let container = directory.path.appending("container")
        try writer.extract(archive, to: container)
        do throws(AssayError) {
            if try ArchiveExtraction.isArchive(container) {
                return try files(
                    of: container, beneath: directory.path, at: place,
                    grain: definition.grain(of: archive.path))
            }
            let content = directory.path.appending("content")
            return [
                try single(
                    container, into: content, at: place,
                    grain: definition.grain(of: archive.path))
            ]
        } catch {
            let sentence = error.message.replacing(container.string, with: archive.path)
            throw AssayError(
                error.code, "could not take \(name) into a bundle: \(sentence)", hint: error.hint)
        }
    }

    private func files(
        of container: FilePath, beneath directory: FilePath, at place: String,
        grain: SegmentGrain
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
                let target = try FileSystem.target(of: source)
                files.append(entry(below, .symlink, try writer.add(target).digest, target.count))
            } else {
                let put = try writer.add(fileAt: source, grain: grain)
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
        _ container: FilePath, into content: FilePath, at place: String, grain: SegmentGrain
    ) throws(AssayError) -> FileEntry {
        var stream = try UnpackedStream(container)
        guard stream.packing != .none else {
            throw AssayError(
                .unsupported, "\(container) is neither tar, zip, gzip, zstd nor xz",
                hint: "give it another `kind` in assay.yaml, or none")
        }
        let limits = ArchiveLimits()
        let output = try OpenFile.creating(content, mode: 0o600)
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
            try output.write(chunk[..<count])
        }
        let put = try writer.add(fileAt: content, grain: grain)
        return entry(place, .regular, put.digest, put.size)
    }
}
