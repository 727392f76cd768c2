public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

/// Writes a canonical tar (POSIX ustar): files alone, no time, no owner, so that equal content gives
/// equal bytes.
public struct TarWriter: ~Copyable {
    private let file: OpenFile
    private let path: FilePath
    private var left = 0
    private var padding = 0

    /// No file of a ustar archive is larger.
    private static let maximumSize = 0o77_777_777_777

    /// Creates an archive at a path that is not there yet.
    public init(creating path: FilePath) throws(AssayError) {
        file = try OpenFile.creating(path)
        self.path = path
    }

    /// Begins a file; its bytes follow with `write`. Names have at most 100 bytes.
    public mutating func begin(_ name: String, size: Int) throws(AssayError) {
        guard left == 0 else {
            throw AssayError(.io, "could not write \(path): \(left) bytes of a file are missing")
        }
        guard name.utf8.count <= 100, size <= Self.maximumSize else {
            throw AssayError(.limit, "could not write \(name) into \(path): it does not fit a tar")
        }
        try file.write(Self.header(name, size: size))
        left = size
        padding = (512 - size % 512) % 512
        try pad()
    }

    /// Writes the next bytes of the file.
    public mutating func write(_ bytes: ArraySlice<UInt8>) throws(AssayError) {
        guard bytes.count <= left else {
            throw AssayError(.io, "could not write \(path): a file is longer than it said")
        }
        try file.write(bytes)
        left -= bytes.count
        try pad()
    }

    private mutating func pad() throws(AssayError) {
        guard left == 0, padding > 0 else { return }
        try file.write([UInt8](repeating: 0, count: padding))
        padding = 0
    }

    /// Ends the archive and makes it survive a crash.
    public consuming func finish() throws(AssayError) {
        guard left == 0 else {
            throw AssayError(.io, "could not write \(path): \(left) bytes of a file are missing")
        }
        try file.write([UInt8](repeating: 0, count: 1024))
        try file.sync()
    }

    private static func header(_ name: String, size: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, 0)
        put(octal(0o644, 7), 100)
        put(octal(0, 7), 108)
        put(octal(0, 7), 116)
        put(octal(size, 11), 124)
        put(octal(0, 11), 136)
        put("0", 156)
        put("ustar", 257)
        put("00", 263)
        // The sum counts its own place as spaces.
        let sum = block.reduce(0) { $0 + Int($1) } + 8 * 0x20
        put(octal(sum, 6), 148)
        block[155] = 0x20
        return block
    }
}
