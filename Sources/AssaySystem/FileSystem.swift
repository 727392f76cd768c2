public import AssayCore
import CLinux
import Glibc
public import SystemPackage

/// Plain calls on files and directories, each with one error that names the call and the path.
///
/// Nothing here follows a policy; callers decide on modes, order and durability.
public enum FileSystem {
    /// What the system says of one path, without following a final symlink.
    public struct Status: Hashable, Sendable {
        /// What kind of file it is.
        public let kind: Kind
        /// The permission bits.
        public let mode: UInt16
        /// The size in bytes.
        public let size: Int
        /// The device and inode numbers.
        public let device: UInt64, inode: UInt64
        /// Times of the last change of content and of status, in nanoseconds since 1970.
        public let modified: Int64, changed: Int64

        /// A kind of file.
        public enum Kind: Sendable { case file, directory, symlink, other }
    }

    /// The status of `path`, or `nil` if nothing is there.
    public static func status(of path: FilePath) throws(AssayError) -> Status? {
        var info = stat()
        guard unsafe lstat(path.string, &info) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw error("could not look at", path)
        }
        return Status(info)
    }

    /// Whether anything is at `path`; a dangling symlink counts.
    public static func exists(_ path: FilePath) -> Bool {
        var info = stat()
        return unsafe lstat(path.string, &info) == 0
    }

    /// Whether `path` is a file, or a symlink that leads to one.
    public static func leadsToFile(_ path: FilePath) -> Bool {
        var info = stat()
        return unsafe stat(path.string, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
    }

    /// Reads a whole file of at most `limit` bytes.
    ///
    /// Throws `.limit` for a larger file and `.notFound` if there is none.
    public static func read(_ path: FilePath, limit: Int = 1 << 30) throws(AssayError) -> [UInt8] {
        let file = try OpenFile.reading(path)
        return try file.readToEnd(limit: limit)
    }

    /// Creates a directory and those above it; one that is there already is fine.
    public static func makeDirectory(_ path: FilePath, mode: UInt32 = 0o755) throws(AssayError) {
        if FaultPoint.passes(.directory), mkdir(path.string, mode) == 0 { return }
        switch errno {
        case EEXIST:
            var info = stat()
            if unsafe stat(path.string, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { return }
            throw AssayError(.io, "could not create directory \(path): a file is in its place")
        case ENOENT:
            let parent = path.removingLastComponent()
            guard !parent.isEmpty, parent != path else {
                throw error("could not create directory", path)
            }
            try makeDirectory(parent, mode: mode)
            guard mkdir(path.string, mode) == 0 || errno == EEXIST else {
                throw error("could not create directory", path)
            }
        default: throw error("could not create directory", path)
        }
    }

    /// The names in a directory, sorted by their bytes, without `.` and `..`.
    public static func names(in directory: FilePath) throws(AssayError) -> [String] {
        guard let stream = unsafe opendir(directory.string) else {
            throw error("could not list", directory)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw error("could not list", directory) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The names in a directory, sorted by their bytes, each with its status. A name that goes
    /// meanwhile is left out.
    public static func entries(
        in directory: FilePath
    ) throws(AssayError) -> [(name: String, status: Status)] {
        let names = try names(in: directory)
        let open = try OpenFile.open(directory, flags: O_RDONLY | O_DIRECTORY, mode: 0)
        var entries: [(name: String, status: Status)] = []
        entries.reserveCapacity(names.count)
        for name in names {
            var info = stat()
            guard
                unsafe fstatat(open.rawDescriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0
            else {
                if errno == ENOENT { continue }
                throw error("could not look at", directory.appending(name))
            }
            entries.append((name, Status(info)))
        }
        return entries
    }

    /// The target of a symlink, as it stands there.
    public static func target(of link: FilePath) throws(AssayError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = unsafe readlink(link.string, &buffer, buffer.count)
        guard count >= 0, count < buffer.count else { throw error("could not read link", link) }
        return buffer[..<count].map { UInt8(bitPattern: $0) }
    }

    /// Calls `body` with everything beneath a directory that is no directory itself, by its path from there,
    /// in no order. Names that are left out are so wherever they stand. Costs a look at each entry.
    public static func walk(
        beneath root: FilePath, leavingOut names: Set<String> = [],
        _ body: (_ path: String, _ status: Status) throws(AssayError) -> Void
    ) throws(AssayError) {
        var waiting = [""]
        while let directory = waiting.popLast() {
            let place = directory.isEmpty ? root : root.appending(directory)
            for (name, status) in try entries(in: place) where !names.contains(name) {
                let path = directory.isEmpty ? name : "\(directory)/\(name)"
                if status.kind == .directory {
                    waiting.append(path)
                } else {
                    try body(path, status)
                }
            }
        }
    }

    /// Renames `source` over `destination`, which is replaced in one step.
    public static func rename(_ source: FilePath, to destination: FilePath) throws(AssayError) {
        guard FaultPoint.passes(.rename), Glibc.rename(source.string, destination.string) == 0
        else {
            throw error("could not rename \(source) to", destination)
        }
    }

    /// Removes a file; none there is fine.
    public static func remove(_ path: FilePath) throws(AssayError) {
        guard FaultPoint.passes(.remove), unlink(path.string) == 0 || errno == ENOENT else {
            throw error("could not remove", path)
        }
    }

    /// Removes a directory with all that is in it, never following a symlink; none there is fine.
    public static func removeTree(_ path: FilePath) throws(AssayError) {
        guard let status = try status(of: path) else { return }
        guard status.kind == .directory else { return try remove(path) }
        if status.mode & 0o700 != 0o700 { _ = chmod(path.string, 0o700) }
        for name in try names(in: path) { try removeTree(path.appending(name)) }
        guard rmdir(path.string) == 0 || errno == ENOENT else {
            throw error("could not remove", path)
        }
    }

    /// Makes what was renamed or created in `directory` survive a crash of the machine.
    public static func syncDirectory(_ directory: FilePath) throws(AssayError) {
        let file = try OpenFile.open(directory, flags: O_RDONLY | O_DIRECTORY, mode: 0)
        try file.sync()
    }

    /// Replaces `path` with `bytes` in one step: a temporary file beside it, fsync, rename, fsync
    /// of the directory. A crash leaves the old file or the new one.
    public static func replace(
        _ path: FilePath, with bytes: [UInt8], mode: UInt32 = 0o644
    ) throws(AssayError) {
        let directory = path.removingLastComponent()
        let place = directory.isEmpty ? FilePath(".") : directory
        let name = path.lastComponent?.string ?? "file"
        let temporary = place.appending(".\(name).\(getpid()).\(UInt64.random(in: 0 ... .max)).tmp")
        do throws(AssayError) {
            let file = try OpenFile.open(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try file.write(bytes)
            try file.sync()
            try rename(temporary, to: path)
        } catch {
            try remove(temporary)
            throw error
        }
        try syncDirectory(place)
    }

    /// An `AssayError` from `errno`, which must be fresh.
    public static func error(_ attempt: String, _ path: FilePath) -> AssayError {
        systemError("\(attempt) \(path)", number: errno)
    }

    /// An `AssayError` from an error number of the system.
    public static func systemError(_ attempt: String, number: Int32) -> AssayError {
        let reason = Errno(rawValue: number).description
        switch number {
        case ENOSPC, EDQUOT:
            return AssayError(
                .diskFull, "\(attempt): \(reason)",
                hint: "free some space there and run it again; nothing stored was lost")
        case ENOENT: return AssayError(.notFound, "\(attempt): \(reason)")
        case EINTR: return AssayError(.interrupted, "\(attempt): \(reason)")
        default: return AssayError(.io, "\(attempt): \(reason)")
        }
    }
}

extension FileSystem.Status {
    init(_ info: stat) {
        kind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symlink
            default: .other
            }
        mode = UInt16(truncatingIfNeeded: info.st_mode & 0o7777)
        size = Int(info.st_size)
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
        modified = Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
        changed = Int64(info.st_ctim.tv_sec) * 1_000_000_000 + Int64(info.st_ctim.tv_nsec)
    }
}
