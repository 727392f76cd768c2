public import AssayCore
import CLinux
import Glibc
public import SystemPackage

/// An open file: closed when it goes out of scope, short reads and writes carried on.
public struct OpenFile: ~Copyable {
    private let descriptor: Int32
    private let path: FilePath

    /// Takes over a descriptor that the caller opened.
    public init(taking descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { _ = close(descriptor) }

    /// Opens a file for reading; throws `.notFound` if there is none.
    public static func reading(_ path: FilePath) throws(AssayError) -> OpenFile {
        try open(path, flags: O_RDONLY, mode: 0)
    }

    /// Creates a file that must not be there yet.
    public static func creating(_ path: FilePath, mode: UInt32 = 0o644) throws(AssayError)
        -> OpenFile
    {
        try open(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
    }

    /// Opens a file with flags of `open(2)`; close-on-exec is always set.
    public static func open(
        _ path: FilePath, flags: Int32, mode: UInt32
    ) throws(AssayError) -> OpenFile {
        let descriptor = assay_open(path.string, flags, mode)
        guard descriptor >= 0 else { throw FileSystem.error("could not open", path) }
        return OpenFile(taking: descriptor, path: path)
    }

    /// The raw descriptor, for calls this type does not have; valid while this value lives.
    public var rawDescriptor: Int32 { descriptor }

    /// The size and times of the file.
    public func status() throws(AssayError) -> FileSystem.Status {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else {
            throw FileSystem.error("could not look at", path)
        }
        return FileSystem.Status(info)
    }

    /// Reads up to `buffer.count` bytes from where the file stands; 0 is the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(AssayError) -> Int {
        while true {
            let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileSystem.error("could not read", path) }
        }
    }

    /// Reads up to `buffer.count` bytes from a place in the file; 0 is the end.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(AssayError) -> Int {
        while true {
            let count = unsafe pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileSystem.error("could not read", path) }
        }
    }

    /// Reads exactly `count` bytes from a place in the file; throws `.damaged` if it ends before.
    public func read(count: Int, at offset: Int) throws(AssayError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let step = try readPart(of: &bytes, from: done, to: count, at: offset + done)
            guard step > 0 else {
                throw AssayError(
                    .damaged,
                    "\(path) ends at byte \(offset + done), expected \(count) bytes from \(offset)")
            }
            done += step
        }
        return bytes
    }

    /// Fills `bytes` from `start` on, to `end` at most, from a place in the file; gives how much, 0
    /// at the end of the file.
    public func readPart(
        of bytes: inout [UInt8], from start: Int, to end: Int, at offset: Int
    ) throws(AssayError) -> Int {
        let outcome: Result<Int, AssayError> = unsafe bytes.withUnsafeMutableBytes { whole in
            Result { () throws(AssayError) in
                try unsafe read(
                    into: UnsafeMutableRawBufferPointer(rebasing: whole[start..<end]), at: offset)
            }
        }
        return try outcome.get()
    }

    /// Reads from here to the end; throws `.limit` if that is more than `limit` bytes.
    public func readToEnd(limit: Int) throws(AssayError) -> [UInt8] {
        var bytes: [UInt8] = []
        let size = try status().size
        var chunk = [UInt8](repeating: 0, count: min(max(size + 1, 4096), 1 << 20))
        while true {
            let count = try readChunk(&chunk)
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else {
                throw AssayError(.limit, "\(path) is larger than \(ByteCount(limit))")
            }
            bytes += chunk[..<count]
        }
    }

    /// Fills `chunk` from where the file stands; gives how much, 0 at the end.
    public func readChunk(_ chunk: inout [UInt8]) throws(AssayError) -> Int {
        let outcome: Result<Int, AssayError> = unsafe chunk.withUnsafeMutableBytes { buffer in
            Result { () throws(AssayError) in try unsafe read(into: buffer) }
        }
        return try outcome.get()
    }

    /// The SHA-256 of the bytes from here to the end, in flat memory.
    public func digest() throws(AssayError) -> Digest {
        var hasher = SHA256Hasher()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try readChunk(&chunk)
            if count == 0 { return hasher.finish() }
            unsafe chunk[..<count].withUnsafeBytes { unsafe hasher.update($0) }
        }
    }

    /// Writes all bytes.
    public func write(_ bytes: some ContiguousBytes) throws(AssayError) {
        let outcome: Result<Void, AssayError> = unsafe bytes.withBytes { buffer in
            Result { () throws(AssayError) in try unsafe write(buffer) }
        }
        try outcome.get()
    }

    /// Writes all bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(AssayError) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let part = unsafe UnsafeRawBufferPointer(rebasing: rest)
            let count =
                FaultPoint.passes(.write, tearing: unsafe (descriptor, part))
                ? unsafe Glibc.write(descriptor, part.baseAddress, part.count) : -1
            if count < 0 {
                if errno == EINTR { continue }
                throw FileSystem.error("could not write", path)
            }
            unsafe rest = unsafe rest.dropFirst(count)
        }
    }

    /// Has the system begin to write to the disk what was written, so that less is left for `sync`.
    public func startWriting() { _ = assay_start_writing(descriptor) }

    /// Makes everything written to this file's file system survive a crash of the machine.
    public func syncFileSystem() throws(AssayError) {
        guard assay_syncfs(descriptor) == 0 else { throw FileSystem.error("could not sync", path) }
    }

    /// Makes this empty file share the content of another where the file system can; `false` where
    /// it cannot.
    public func clone(_ other: borrowing OpenFile) throws(AssayError) -> Bool {
        if assay_clone_file(descriptor, other.descriptor) == 0 { return true }
        switch errno {
        case EOPNOTSUPP, EXDEV, EINVAL, ENOTTY, ENOSYS, EPERM: return false
        default: throw FileSystem.error("could not clone into", path)
        }
    }

    /// Makes what was written survive a crash of the machine.
    public func sync() throws(AssayError) {
        guard FaultPoint.passes(.sync), fsync(descriptor) == 0 else {
            throw FileSystem.error("could not sync", path)
        }
    }
}

/// Bytes that lie in one piece in memory.
public protocol ContiguousBytes {
    /// Lends the bytes to a closure.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R
}

extension Array: ContiguousBytes where Element == UInt8 {
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        unsafe withUnsafeBytes { unsafe body($0) }
    }
}

extension ArraySlice: ContiguousBytes where Element == UInt8 {
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        unsafe withUnsafeBytes { unsafe body($0) }
    }
}
