import AssayCore
import AssayStore
import AssaySystem

/// Hands out the frames of blobs of a capture one by one; holds one and what was read ahead.
struct BlobFrames: Sendable {
    let store: Store
    private let blobs: [Layer]
    /// What a blob is called in errors.
    private let kind: String
    private var blob = 0
    private var buffer: [UInt8] = []
    private var start = 0
    /// How much of the blob at hand was read.
    private var offset = 0
    /// Where the frame lies that was handed out last: the number of its blob, and its bytes there.
    private(set) var place = (segment: 0, offset: 0, length: 0)

    private static let step = 1 << 20

    init(_ blobs: [Layer], in store: Store, kind: String = "segment") {
        self.blobs = blobs
        self.store = store
        self.kind = kind
    }

    /// The next frame, expanded; `nil` after the last.
    ///
    /// Throws `.damaged` for a blob that is not there or is longer or shorter than it should be, and for
    /// bytes that are not whole. A frame's own checksum says whether it is; the digest of a blob is not
    /// looked at.
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
                throw damage("at byte \(offset - buffer.count + start)", cause: error)
            }
            if try fill() { continue }
            guard start == buffer.count else { throw damage("inside its last frame") }
            blob += 1
            buffer = []
            start = 0
            offset = 0
        }
        return nil
    }

    /// Reads on in the blob at hand; false at its end.
    private mutating func fill() throws(AssayError) -> Bool {
        let whole = blobs[blob]
        if offset == 0 {
            let size = try store.size(of: whole.digest)
            guard size == whole.size else {
                throw damage("\(ByteCount(size)) long, not \(ByteCount(whole.size))")
            }
        }
        let count = min(max(Self.step, buffer.count - start), whole.size - offset)
        guard count > 0 else { return false }
        let file = try OpenFile.reading(store.blobPath(whole.digest))
        buffer.removeFirst(start)
        start = 0
        buffer += try file.read(count: count, at: offset)
        offset += count
        return true
    }

    private func damage(_ what: String, cause: AssayError? = nil) -> AssayError {
        AssayError(
            .damaged, "\(kind) (\(store.blobPath(blobs[blob].digest))) is damaged: \(what)",
            hint: "see what else is hurt with `assay store fsck --full`, and mend it with --repair",
            cause: cause)
    }
}
