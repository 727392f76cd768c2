import AssayCoding
import AssayCore
import AssaySystem
import SystemPackage

/// The bytes of a file to import, in order; a file in gzip (RFC 1952) is unpacked as it is read.
struct ImportStream: ~Copyable {
    /// What the file is called, for messages.
    let name: String
    private let file: OpenFile
    private let decompressor: ZlibDecompressor?
    private var chunk: [UInt8]
    /// How much of the chunk was read from the file, and how much of that is taken.
    private var filled: Int, used = 0
    /// Where packed bytes are unpacked to.
    private var room: [UInt8]

    private static let largestStep = 1 << 20
    /// A call stops when it has unpacked so many bytes, however much its input holds.
    private static let largestOutput = 1 << 20

    init(_ path: FilePath) throws(AssayError) {
        let file = try OpenFile.reading(path)
        // No more than a small file has.
        let step = min(Self.largestStep, max(4096, try file.status().size + 1))
        var chunk = [UInt8](repeating: 0, count: step)
        let count = try file.readChunk(&chunk)
        var decompressor: ZlibDecompressor?
        if chunk[..<count].starts(with: [0x1F, 0x8B]) {
            do throws(DecompressionFault) {
                decompressor = try ZlibDecompressor(.gzip)
            } catch {
                throw AssayError(.limit, "could not read \(path): \(error.reason)")
            }
        }
        name = path.string
        self.file = file
        self.decompressor = decompressor
        self.chunk = chunk
        filled = count
        room = [UInt8](repeating: 0, count: decompressor == nil ? 0 : 1 << 18)
    }

    /// Whether the file is packed, so that offsets count unpacked bytes.
    var isPacked: Bool { decompressor != nil }

    /// Appends the next bytes, of packed ones a few MiB at most; false at the end. Throws `.damaged` for
    /// gzip that is hurt or cut short.
    mutating func read(into bytes: inout [UInt8]) throws(AssayError) -> Bool {
        let before = bytes.count
        while bytes.count == before {
            if used == filled {
                filled = try file.readChunk(&chunk)
                used = 0
            }
            guard filled > 0 else {
                guard decompressor?.isWhole != false else {
                    throw AssayError(.damaged, "\(name) is cut short: its gzip content has no end")
                }
                return false
            }
            guard let decompressor else {
                bytes += chunk[used..<filled]
                used = filled
                return true
            }
            try unpack(with: decompressor, into: &bytes)
        }
        return true
    }

    private mutating func unpack(
        with decompressor: ZlibDecompressor, into bytes: inout [UInt8]
    ) throws(AssayError) {
        let before = bytes.count
        do throws(DecompressionFault) {
            while used < filled, bytes.count - before < Self.largestOutput {
                let (taken, made) = try decompressor.step(chunk[used..<filled], into: &room)
                guard taken > 0 || made > 0 else {
                    throw DecompressionFault(reason: "it does not go on")
                }
                used += taken
                bytes += room[..<made]
            }
        } catch {
            throw AssayError(.damaged, "\(name) cannot be unpacked: \(error.reason)")
        }
    }
}
