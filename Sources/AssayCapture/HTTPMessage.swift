public import AssayCore
import Glibc

/// A whole HTTP/1.1 message: its bytes as they were, its head, its body without chunks.
///
/// Costs one reference to pass on: a replay hands each answer through many hands.
public struct HTTPMessage: Hashable, Sendable {
    private final class Contents: Sendable {
        let bytes: [UInt8]
        let head: HTTPHead
        let bodyOffset: Int

        init(bytes: [UInt8], head: HTTPHead, bodyOffset: Int) {
            self.bytes = bytes
            self.head = head
            self.bodyOffset = bodyOffset
        }
    }

    private let contents: Contents

    /// The bytes as they were sent, interim responses included.
    public var bytes: [UInt8] { contents.bytes }

    /// Start line and header fields.
    public var head: HTTPHead { contents.head }

    private var bodyOffset: Int { contents.bodyOffset }

    /// Reads a whole message; throws `.damaged` if it is cut short or if more follows it.
    public init(_ bytes: [UInt8], role: HTTPFramer.Role) throws(AssayError) {
        var framer = HTTPFramer(role, limits: .init(message: max(bytes.count, 1)))
        let taken = try framer.consume(bytes[...])
        try framer.end()
        guard framer.isComplete, let head = framer.head else {
            throw AssayError(.damaged, "an HTTP message of \(bytes.count) bytes is cut short")
        }
        guard taken == bytes.count else {
            throw AssayError(
                .damaged, "an HTTP message ends after \(taken) of \(bytes.count) bytes")
        }
        self.init(bytes: bytes, head: head, bodyOffset: framer.bodyOffset)
    }

    /// Wraps bytes that a framer has just found to be one message.
    public init(bytes: [UInt8], head: HTTPHead, bodyOffset: Int) {
        contents = Contents(bytes: bytes, head: head, bodyOffset: bodyOffset)
    }

    public static func == (left: HTTPMessage, right: HTTPMessage) -> Bool {
        left.bytes == right.bytes && left.bodyOffset == right.bodyOffset && left.head == right.head
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
    }

    /// Where the body starts in the bytes.
    var bodyStart: Int { min(bodyOffset, bytes.count) }

    /// The body with the chunks joined; its content encoding is kept.
    public var body: ArraySlice<UInt8> {
        let raw = bytes[min(bodyOffset, bytes.count)...]
        guard head.lists("chunked", in: "transfer-encoding") else { return raw }
        var body: [UInt8] = []
        var rest = raw
        while let chunk = Self.nextChunk(&rest) { body += chunk }
        return body[...]
    }

    /// The fields behind the last chunk, with the empty line that ends them.
    var trailers: ArraySlice<UInt8> {
        guard head.lists("chunked", in: "transfer-encoding") else { return [] }
        var rest = bytes[bodyStart...]
        while Self.nextChunk(&rest) != nil {}
        return rest
    }

    /// Whether the body stands in the message as it was meant: without chunks and content encoding.
    var hasPlainBody: Bool {
        head["transfer-encoding"] == nil && head["content-encoding"] == nil
    }

    /// Whether two messages have bodies of the same bytes, framed by the same chunks if by any. No
    /// means only that a closer look is needed. Costs one comparison of memory.
    public func hasSameBodyBytes(as other: HTTPMessage) -> Bool {
        guard head.hasSameValues(of: "transfer-encoding", as: other.head) else { return false }
        let mine = bytes.count - min(bodyOffset, bytes.count)
        guard mine == other.bytes.count - min(other.bodyOffset, other.bytes.count) else {
            return false
        }
        guard mine > 0 else { return true }
        return unsafe bytes.withUnsafeBytes { left in
            unsafe other.bytes.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return false
                }
                return unsafe memcmp(first + bodyOffset, second + other.bodyOffset, mine) == 0
            }
        }
    }

    /// Takes the next chunk from the front of chunks and gives its bytes; `nil` behind the last, with what
    /// follows it left.
    private static func nextChunk(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let end = rest.firstLineFeed else { return nil }
        let start = end + 1
        // The framer has checked every size; one that cannot be read ends the body.
        guard let size = try? HTTPFramer.chunkSize(rest[..<end].dropLast()), size > 0 else {
            rest = rest[start...]
            return nil
        }
        guard size <= rest.endIndex - start else { return nil }
        let chunk = rest[start..<start + size]
        rest = rest[(start + size)...].dropFirst(2)
        return chunk
    }
}
