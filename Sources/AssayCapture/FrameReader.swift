import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Reads a file of zstd frames one frame at a time.
struct FrameReader: ~Copyable {
    private let file: OpenFile
    private let name: String
    private var buffer: [UInt8] = []
    private var start = 0
    private var atEnd = false
    /// Whether the file ended inside a frame, as it does when its writer died.
    private(set) var isCutShort = false
    /// Where in the file the next frame begins, in bytes.
    private(set) var offset = 0

    init(path: FilePath) throws(AssayError) {
        file = try OpenFile.reading(path)
        name = path.string
    }

    /// The next frame, expanded, with its place in the file; `nil` at the end.
    ///
    /// Throws `.damaged` with the byte offset for a frame that is cut short or damaged.
    mutating func next() throws(AssayError) -> (content: [UInt8], offset: Int, length: Int)? {
        while true {
            if start < buffer.count {
                do throws(AssayError) {
                    if let size = try ZstdFrame.size(at: buffer[start...]) {
                        let place = offset
                        let content = try ZstdFrame.expand(buffer[start..<start + size])
                        start += size
                        offset += size
                        return (content, place, size)
                    }
                } catch {
                    throw AssayError(
                        .damaged, "\(name) is damaged at byte \(offset)",
                        hint: "keep what is whole with `--salvage`", cause: error)
                }
            } else if atEnd {
                return nil
            }
            guard !atEnd else {
                isCutShort = true
                throw AssayError(
                    .damaged,
                    "\(name) is cut short: the part that begins at byte \(offset) has no end",
                    hint: "keep what is whole with `--salvage`")
            }
            try fill()
        }
    }

    private mutating func fill() throws(AssayError) {
        buffer.removeFirst(start)
        start = 0
        // What is there already is doubled, so that a long frame is looked at few times.
        var chunk = [UInt8](repeating: 0, count: max(1 << 20, buffer.count))
        let count = try file.readChunk(&chunk)
        atEnd = count == 0
        buffer += chunk[..<count]
        guard buffer.count <= ZstdFrame.maximumContent else {
            throw AssayError(
                .damaged,
                "\(name) holds a frame beyond \(ByteCount(ZstdFrame.maximumContent))")
        }
    }
}
