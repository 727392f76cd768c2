import AssayCore
import AssaySystem
import CLinux
import Glibc
import SystemPackage

/// One extraction: what was made so far, and how much.
struct ExtractionRun {
    private let archive: FilePath
    private let root: FilePath
    private let limits: ArchiveLimits
    private let packedSize: Int
    private var made: [String: Made] = [:]
    private var folded: [String: String] = [:]
    private var links: [(path: String, target: String)] = []
    private var bytes = 0

    private enum Made { case directory, file, symlink }

    init(archive: FilePath, root: FilePath, limits: ArchiveLimits, packedSize: Int) {
        self.archive = archive
        self.root = root
        self.limits = limits
        self.packedSize = packedSize
    }

    mutating func run(_ format: ArchiveReader.Format) throws(AssayError) -> [String] {
        let top = try OpenFile.open(root, flags: O_RDONLY | O_DIRECTORY, mode: 0)
        let reader = try ArchiveReader(archive, format: format)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { unsafe buffer.deallocate() }
        var count = 0
        while let entry = try reader.next() {
            count += 1
            guard count <= limits.entries else {
                throw tooMuch("more than \(limits.entries) entries")
            }
            if entry.path.isEmpty {
                guard entry.kind == .directory else { throw refuse(entry.path, "has no name") }
                continue
            }
            try register(entry)
            try makeParents(of: entry.path, top)
            switch entry.kind {
            case .directory: try makeDirectory(entry.path, top)
            case .file(let isExecutable):
                try unsafe write(entry, isExecutable, reader, top, buffer)
            case .symlink(let target): links.append((entry.path, target))
            case .hardLink(let target): try link(entry.path, to: target, top)
            }
        }
        // Links come last: until then no path beneath the root can lead anywhere else.
        for (path, target) in links { try makeLink(path, target, top) }
        for (path, _) in links { try checkLink(path, top) }
        return made.filter { $0.value != .directory }.keys
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Notes the entry's name; refuses one that was there, or leads through what is no directory.
    private mutating func register(_ entry: ArchiveEntry) throws(AssayError) {
        let names = entry.path.split(separator: "/")
        guard names.count <= limits.depth else {
            throw tooMuch("directories nested more than \(limits.depth) deep")
        }
        for depth in 1..<max(1, names.count) {
            let parent = names[..<depth].joined(separator: "/")
            switch made[parent] {
            case .symlink?: throw refuse(entry.path, "leads through the symlink \(parent)")
            case .file?: throw refuse(entry.path, "leads through \(parent), which is a file")
            case .directory?: break
            case nil:
                try fold(parent)
                made[parent] = .directory
            }
        }
        let kind: Made =
            switch entry.kind {
            case .directory: .directory
            case .file, .hardLink: .file
            case .symlink: .symlink
            }
        if let known = made[entry.path] {
            guard known == .directory, kind == .directory else {
                throw refuse(entry.path, "is there twice")
            }
            return
        }
        try fold(entry.path)
        made[entry.path] = kind
    }

    /// Names that differ in case alone are one file on other machines.
    private mutating func fold(_ path: String) throws(AssayError) {
        let lower = path.lowercased()
        if let other = folded[lower], other != path {
            throw refuse(path, "and \(ArchiveEntry.shown(other)) differ only in case")
        }
        folded[lower] = path
    }

    private func makeParents(of path: String, _ top: borrowing OpenFile) throws(AssayError) {
        let names = path.split(separator: "/").dropLast()
        for depth in names.indices.map({ $0 + 1 }) {
            try makeDirectory(names[..<depth].joined(separator: "/"), top)
        }
    }

    private func makeDirectory(_ path: String, _ top: borrowing OpenFile) throws(AssayError) {
        let parent = try openParent(of: path, top)
        if mkdirat(parent.rawDescriptor, name(of: path), 0o755) == 0 || errno == EEXIST { return }
        throw FileSystem.error("could not create directory", root.appending(path))
    }

    private mutating func write(
        _ entry: ArchiveEntry, _ isExecutable: Bool, _ reader: ArchiveReader,
        _ top: borrowing OpenFile, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(AssayError) {
        let place = root.appending(entry.path)
        let descriptor = assay_openat2_beneath(
            top.rawDescriptor, entry.path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw FileSystem.error("could not create", place) }
        let file = OpenFile(taking: descriptor, path: place)
        var written = 0
        while true {
            let count = try unsafe reader.read(into: buffer)
            if count == 0 { break }
            written += count
            bytes += count
            try checkSize()
            try unsafe file.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        if let size = entry.size, size != written {
            throw AssayError(
                .damaged,
                "could not read archive \(archive): \(ArchiveEntry.shown(entry.path)) has \(written) bytes, it says \(size)"
            )
        }
        guard fchmod(descriptor, isExecutable ? 0o755 : 0o644) == 0 else {
            throw FileSystem.error("could not set the mode of", place)
        }
    }

    private func link(
        _ path: String, to target: String, _ top: borrowing OpenFile
    ) throws(AssayError) {
        guard made[target] == .file else {
            throw refuse(
                path, "is a hard link to \(ArchiveEntry.shown(target)), which is no file before it")
        }
        let from = try openParent(of: target, top)
        let to = try openParent(of: path, top)
        guard
            linkat(from.rawDescriptor, name(of: target), to.rawDescriptor, name(of: path), 0) == 0
        else { throw FileSystem.error("could not link", root.appending(path)) }
    }

    private func makeLink(
        _ path: String, _ target: String, _ top: borrowing OpenFile
    ) throws(AssayError) {
        let parent = try openParent(of: path, top)
        guard symlinkat(target, parent.rawDescriptor, name(of: path)) == 0 else {
            throw FileSystem.error("could not link", root.appending(path))
        }
    }

    /// Follows a link as the system would: one that stays inside by its words can still lead out
    /// through another link.
    private func checkLink(_ path: String, _ top: borrowing OpenFile) throws(AssayError) {
        let descriptor = assay_openat2_within(top.rawDescriptor, path)
        if descriptor >= 0 {
            _ = close(descriptor)
            return
        }
        switch errno {
        case ENOENT, ENOTDIR: return
        case EXDEV: throw refuse(path, "is a symlink that leads out")
        case ELOOP: throw refuse(path, "is a symlink that leads in a circle")
        default: throw FileSystem.error("could not follow the link", root.appending(path))
        }
    }

    private func openParent(
        of path: String, _ top: borrowing OpenFile
    ) throws(AssayError) -> OpenFile {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        let descriptor = assay_openat2_beneath(
            top.rawDescriptor, parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else {
            throw FileSystem.error("could not open", root.appending(path))
        }
        return OpenFile(taking: descriptor, path: root.appending(parent))
    }

    private func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private func checkSize() throws(AssayError) {
        guard bytes <= limits.bytes else { throw tooMuch("more than \(ByteCount(limits.bytes))") }
        guard bytes <= limits.free || bytes / limits.ratio <= packedSize else {
            throw tooMuch(
                "more than \(limits.ratio) bytes for each of its \(ByteCount(packedSize))")
        }
    }

    private func tooMuch(_ what: String) -> AssayError {
        AssayError(.limit, "archive \(archive) is refused: it holds \(what)")
    }

    private func refuse(_ path: String, _ reason: String) -> AssayError {
        AssayError(
            .damaged, "archive \(archive) is refused: \(ArchiveEntry.shown(path)) \(reason)")
    }
}
