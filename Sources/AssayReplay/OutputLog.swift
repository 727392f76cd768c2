import AssayCore
import AssaySystem
import SystemPackage

/// What a service printed: the beginning in a file, the end in memory, whole lines announced.
///
/// The file takes `fileLimit` bytes; of what comes after, the last `tailLimit` bytes are written
/// when the log is closed, behind a line that says how many were left out between.
struct OutputLog: ~Copyable {
    private let file: OpenFile
    private var written = 0
    private var leftOut = 0
    private var tail: [UInt8] = []
    private var line: [UInt8] = []

    static let fileLimit = 4 << 20
    static let tailLimit = 16 << 10
    static let lineLimit = 8 << 10

    /// Creates the file.
    init(at path: FilePath) throws(AssayError) {
        file = try OpenFile.creating(path)
    }

    /// Takes bytes, and calls `announce` for each line that they end.
    mutating func append(
        _ bytes: some Collection<UInt8>, announce: (String) -> Void
    ) throws(AssayError) {
        let room = Self.fileLimit - written
        let head = bytes.prefix(room)
        if !head.isEmpty {
            try file.write(Array(head))
            written += head.count
        }
        leftOut += bytes.count - head.count
        tail += bytes.suffix(Self.tailLimit)
        if tail.count > 2 * Self.tailLimit { tail.removeFirst(tail.count - Self.tailLimit) }
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            if part.offset > 0 {
                announce(String(decoding: line, as: UTF8.self))
                line.removeAll(keepingCapacity: true)
            }
            line += part.element.prefix(max(0, Self.lineLimit - line.count))
        }
    }

    /// The last lines, at most `count`.
    func lastLines(_ count: Int) -> [String] {
        String(decoding: tail.suffix(Self.tailLimit), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: true).suffix(count).map(String.init)
    }

    /// Writes the end, if something was left out before it.
    mutating func close() throws(AssayError) {
        guard leftOut > 0 else { return }
        let end = tail.suffix(min(leftOut, Self.tailLimit))
        if leftOut > end.count {
            try file.write(Array("\n[\(leftOut - end.count) bytes left out]\n".utf8))
        }
        try file.write(Array(end))
        leftOut = 0
    }
}
