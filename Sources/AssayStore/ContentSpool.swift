import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Small contents on their way into segments, which need all of them in the order of their paths:
/// in memory up to 32 MiB, in a file behind that.
struct ContentSpool: ~Copyable {
    private var memory: [UInt8] = []
    private var file: OpenFile?
    private var fileSize = 0
    /// What was read ahead of the file, and from where.
    private var window: [UInt8] = []
    private var windowStart = 0
    /// Where the last read of the file ended.
    private var readEnd = 0

    private static let mostInMemory = 32 << 20
    private static let readAhead = 1 << 20

    /// Adds a content and gives its place. `directory` is where the file is made when it is needed.
    mutating func append(
        _ bytes: ArraySlice<UInt8>, directory: () throws(AssayError) -> FilePath
    ) throws(AssayError) -> Int {
        if memory.count + bytes.count > Self.mostInMemory {
            if file == nil {
                let path = try directory().appending("small")
                file = try OpenFile.open(path, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
                try FileSystem.remove(path)
            }
            try file?.write(memory)
            fileSize += memory.count
            memory.removeAll(keepingCapacity: true)
        }
        memory += bytes
        return fileSize + memory.count - bytes.count
    }

    /// Copies the bytes from a place into a buffer that they fill. Contents that are read in the order
    /// in which they came are read ahead.
    mutating func read(
        into buffer: UnsafeMutableRawBufferPointer, at place: Int
    ) throws(AssayError) {
        var done = 0
        while done < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let from = place + done
            if from >= fileSize {
                unsafe rest.copyBytes(
                    from: memory[from - fileSize..<from - fileSize + rest.count])
                return
            }
            let count = unsafe try readFile(
                into: UnsafeMutableRawBufferPointer(
                    rebasing: rest[..<min(rest.count, fileSize - from)]), at: from)
            guard count > 0 else {
                throw AssayError(.io, "the file of small contents in the store ends too early")
            }
            done += count
        }
    }

    private mutating func readFile(
        into buffer: UnsafeMutableRawBufferPointer, at place: Int
    ) throws(AssayError) -> Int {
        defer { readEnd = place + buffer.count }
        if place < windowStart || place >= windowStart + window.count {
            guard place == readEnd, buffer.count < Self.readAhead else {
                return try unsafe file?.read(into: buffer, at: place) ?? 0
            }
            let size = min(Self.readAhead, fileSize - place)
            window = try file?.read(count: size, at: place) ?? []
            windowStart = place
        }
        let start = place - windowStart
        let count = min(buffer.count, window.count - start)
        unsafe buffer.copyBytes(from: window[start..<start + count])
        return count
    }

    /// Forgets all contents. What of them waits to be written to the disk need not be any more.
    mutating func removeAll() {
        file = nil
        (memory, window) = ([], [])
        (fileSize, windowStart, readEnd) = (0, 0, 0)
    }
}
