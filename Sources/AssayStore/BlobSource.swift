public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

/// A place that a lost blob may be taken from: another store, an OCI layout, a directory of `skopeo
/// copy … dir:`, or a tar of a layout (`oci-archive:`).
public struct BlobSource: Sendable {
    private enum Content: Sendable {
        /// Directories that hold files named by their digest.
        case directories([FilePath])
        /// A tar, with the place of each blob in it.
        case archive([Digest: TarIndex.Place])
    }

    /// Where it is.
    public let path: FilePath
    private let content: Content

    /// Looks at a place. Throws `.notFound` if nothing is there and `.usage` if it is none of those.
    public init(at path: FilePath) throws(AssayError) {
        self.path = path
        guard let status = try Self.status(path) else {
            throw AssayError(.notFound, "could not take blobs from \(path): nothing is there")
        }
        switch status {
        case .directory:
            let layout = path.appending("blobs").appending("sha256")
            let isPlain = FileSystem.exists(path.appending("manifest.json"))
            guard FileSystem.exists(layout) || isPlain else {
                throw AssayError(
                    .usage,
                    "could not take blobs from \(path): it is no store, OCI layout or directory of "
                        + "`skopeo copy … dir:`")
            }
            content = .directories(FileSystem.exists(layout) ? [layout] : [path])
        case .file:
            content = .archive(try TarIndex.read(path))
        default:
            throw AssayError(
                .usage, "could not take blobs from \(path): it is neither a directory nor a file")
        }
    }

    /// The trash of a store, the newest day first.
    init(trashOf store: Store) throws(AssayError) {
        path = store.trash
        content = .directories(try store.trashDays().map { store.trash.appending($0.name) })
    }

    /// Hands out the bytes of a blob in pieces, not checked. Gives `false` if it is not here.
    func stream(
        _ digest: Digest, _ body: (ArraySlice<UInt8>) throws(AssayError) -> Void
    ) throws(AssayError) -> Bool {
        switch content {
        case .directories(let places):
            for place in places {
                let file = place.appending(digest.hex)
                // `dir:` names the manifest by its role.
                let manifest = place.appending("manifest.json")
                for path in [file, manifest] {
                    guard let status = try FileSystem.status(of: path), status.kind == .file
                    else { continue }
                    if path == manifest, try !isManifest(path, digest) { continue }
                    try Self.stream(path, from: 0, count: status.size, body)
                    return true
                }
            }
            return false
        case .archive(let places):
            guard let place = places[digest] else { return false }
            try Self.stream(path, from: place.offset, count: place.size, body)
            return true
        }
    }

    private func isManifest(_ path: FilePath, _ digest: Digest) throws(AssayError) -> Bool {
        guard let status = try FileSystem.status(of: path), status.size <= Manifest.maximumSize
        else { return false }
        return Digest(of: try FileSystem.read(path)) == digest
    }

    private static func stream(
        _ path: FilePath, from offset: Int, count: Int,
        _ body: (ArraySlice<UInt8>) throws(AssayError) -> Void
    ) throws(AssayError) {
        let file = try OpenFile.reading(path)
        guard lseek(file.rawDescriptor, off_t(offset), SEEK_SET) >= 0 else {
            throw FileSystem.error("could not seek in", path)
        }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var left = count
        while left > 0 {
            let part = min(try file.readChunk(&chunk), left)
            guard part > 0 else { throw AssayError(.damaged, "\(path) is cut short") }
            try body(chunk[..<part])
            left -= part
        }
    }

    private static func status(_ path: FilePath) throws(AssayError) -> FileSystem.Status.Kind? {
        // A place that a person names may be a symlink.
        var info = stat()
        guard unsafe stat(path.string, &info) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileSystem.error("could not look at", path)
        }
        switch info.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFREG: return .file
        default: return .other
        }
    }
}
