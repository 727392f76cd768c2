import AssayArchive
import AssayCore
import SystemPackage

/// The lines of a file, unpacked if it is packed, without their ends; flat in memory.
struct LineStream: ~Copyable {
    private var stream: UnpackedStream
    private let path: FilePath
    private let limit: Int
    private var chunk = [UInt8](repeating: 0, count: 1 << 20)
    private var position = 0
    private var filled = 0
    private var isOver = false

    /// Opens a file; a line longer than `limit` is an error.
    init(_ path: FilePath, limit: Int = 256 << 20) throws(AssayError) {
        stream = try UnpackedStream(path)
        self.path = path
        self.limit = limit
    }

    /// The next line; `nil` at the end. A carriage return before the end of a line is taken off.
    mutating func next() throws(AssayError) -> [UInt8]? {
        var line: [UInt8] = []
        while !isOver {
            if position == filled {
                filled = try stream.readChunk(&chunk)
                position = 0
                if filled == 0 {
                    isOver = true
                    return line.isEmpty ? nil : line
                }
            }
            let rest = chunk[position..<filled]
            if let end = rest.firstIndex(of: 0x0A) {
                line += rest[..<end]
                position = end + 1
                if line.last == 0x0D { line.removeLast() }
                return line
            }
            line += rest
            position = filled
            guard line.count <= limit else {
                throw AssayError(.limit, "a line of \(path) is longer than \(ByteCount(limit))")
            }
        }
        return nil
    }
}
