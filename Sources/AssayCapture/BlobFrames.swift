import AssayCore
import AssaySystem
import SystemPackage

/// Hands out the frames of a capture's blobs one by one; holds one and what was read ahead.
struct BlobFrames: Sendable {
    private let blobs: [FilePath]
    /// What the blobs are called in errors.
    private let kind: String
    private var blob = 0
    private var buffer: [UInt8] = []
    private var start = 0
    /// How much of the blob at hand was read.
    private var offset = 0
    /// Where the frame lies that was handed out last: the number of its segment, and its bytes there.
    private(set) var place = (segment: 0, offset: 0, length: 0)

    private static let step = 1 << 20

    init(_ blobs: [FilePath], kind: String = "segment") {
        self.blobs = blobs
        self.kind = kind
    }

    /// The next frame, expanded; `nil` after the last. Throws `.damaged` for bytes that are not whole.
    mutating func next() throws(AssayError) -> [UInt8]? {
        while blob < blobs.count {
            do throws(AssayError) {
                if start < buffer.count, let size = try ZstdFrame.size(at: buffer[start...]) {
                    let content = try ZstdFrame.expand(buffer[start..<start + size])
                    place = (blob, offset - buffer.count + start, size)
                    start += size
                    return content
                }
            } catch {
                let place = offset - buffer.count + start
                throw AssayError(
                    .damaged, "\(kind) \(blobs[blob]) is damaged at byte \(place)",
                    cause: error)
            }
            if try fill() { continue }
            guard start == buffer.count else {
                throw AssayError(.damaged, "\(kind) \(blobs[blob]) is cut short")
            }
            blob += 1
            buffer = []
            start = 0
            offset = 0
        }
        return nil
    }

    /// Reads on in the blob at hand; false at its end.
    private mutating func fill() throws(AssayError) -> Bool {
        let file = try OpenFile.reading(blobs[blob])
        let count = min(max(Self.step, buffer.count - start), try file.status().size - offset)
        guard count > 0 else { return false }
        buffer.removeFirst(start)
        start = 0
        buffer += try file.read(count: count, at: offset)
        offset += count
        return true
    }
}
