public import AssayCore

/// Finds where HTTP/1.1 messages end in a stream of bytes, without changing a byte.
///
/// A pure state machine: feed it what arrives, in pieces of any size, and it says how many of those
/// bytes belong to the message at hand. Ambiguous framing (both a length and chunks, differing
/// lengths) is refused, because two readers could see two different messages. Costs one pass; only
/// heads are copied.
public struct HTTPFramer: Sendable {
    /// Which side of a connection is read.
    public enum Role: Sendable {
        case request
        /// The method of the request that is answered decides whether there is a body.
        case response(toMethod: String)
    }

    /// Bounds on one message, in bytes.
    public struct Limits: Sendable {
        /// Of start line and header fields together.
        public var head: Int
        /// Of the whole message.
        public var message: Int

        /// 64 KiB of head and 64 MiB in all unless said otherwise.
        public init(head: Int = 64 << 10, message: Int = 64 << 20) {
            self.head = head
            self.message = message
        }
    }

    private enum Place: Sendable {
        case head, length(Int), chunkSize, chunk(Int), chunkEnd, trailer, untilClose, done
    }

    private let role: Role
    private let limits: Limits
    private var place = Place.head
    private var line: [UInt8] = []
    private var trailerSize = 0
    /// The head of the final message, once it is whole; interim 1xx responses are passed over.
    public private(set) var head: HTTPHead?
    /// The bytes of the message so far, interim responses included.
    public private(set) var count = 0
    /// Where the body starts, counted from the first byte of the message.
    public private(set) var bodyOffset = 0

    /// Starts a message.
    public init(_ role: Role, limits: Limits = Limits()) {
        self.role = role
        self.limits = limits
    }

    /// Whether the message is whole.
    public var isComplete: Bool {
        if case .done = place { return true }
        return false
    }

    /// Whether only the end of the connection ends this message.
    public var endsWithConnection: Bool {
        if case .untilClose = place { return true }
        return false
    }

    /// How many bytes of the body are still to come, where its head says so.
    public var missing: Int? {
        if case .length(let left) = place { return left }
        return nil
    }

    /// Whether nothing of the message has come yet.
    public var isEmpty: Bool { count == 0 }

    /// Takes bytes of the message at hand and says how many were its own; the rest is the next's.
    ///
    /// Throws `.damaged` for framing that is wrong or ambiguous, `.limit` for a message too large.
    public mutating func consume(_ bytes: ArraySlice<UInt8>) throws(AssayError) -> Int {
        var rest = bytes
        while !rest.isEmpty, !isComplete {
            let before = rest.count
            switch place {
            case .head: try takeHead(&rest)
            case .length(let left), .chunk(let left): takeBody(&rest, left)
            case .chunkSize, .chunkEnd, .trailer: try takeLine(&rest)
            case .untilClose: rest = rest[rest.endIndex...]
            case .done: break
            }
            count += before - rest.count
            guard count <= limits.message else {
                throw AssayError(
                    .limit, "an HTTP message is larger than \(ByteCount(limits.message))")
            }
        }
        return bytes.count - rest.count
    }

    /// Tells that the connection has ended. Throws `.damaged` if that cuts the message short.
    public mutating func end() throws(AssayError) {
        switch place {
        case .untilClose: place = .done
        case .done: break
        default:
            if isEmpty { return }
            throw AssayError(.damaged, "an HTTP message is cut short after \(count) bytes")
        }
    }

    private mutating func takeHead(_ rest: inout ArraySlice<UInt8>) throws(AssayError) {
        if line.isEmpty, let end = try Self.headEnd(of: rest) {
            let whole = rest[..<end]
            rest = rest[end...]
            return try finishHead(whole)
        }
        while let index = rest.firstLineFeed {
            line += rest[...index]
            rest = rest[(index + 1)...]
            try checkHeadSize()
            guard line.count >= 2, line[line.count - 2] == 0x0D else { throw Self.bareLineFeed }
            if line.count == 2 {
                // A server should pass over an empty line before a request (RFC 9112, 2.2).
                line.removeAll(keepingCapacity: true)
                bodyOffset += 2
                guard bodyOffset <= limits.head else {
                    throw HTTPHead.malformed("there are only empty lines before it")
                }
                continue
            }
            if line[line.count - 3] == 0x0A {
                let whole = line[...]
                line = []
                return try finishHead(whole)
            }
        }
        line += rest
        rest = rest[rest.endIndex...]
        try checkHeadSize()
    }

    /// Where a head that lies in one piece at the start of `bytes` ends; `nil` if it goes on beyond
    /// them, or an empty line precedes it.
    private static func headEnd(of bytes: ArraySlice<UInt8>) throws(AssayError) -> Int? {
        let end = try unsafe bytes.withUnsafeBufferPointer { (buffer) throws(AssayError) -> Int? in
            var start = 0
            while let feed = unsafe ByteSearch.first(0x0A, in: buffer, from: start) {
                guard feed > start, unsafe buffer[feed - 1] == 0x0D else { throw bareLineFeed }
                if feed == start + 1 { return start == 0 ? nil : feed + 1 }
                start = feed + 1
            }
            return nil
        }
        return end.map { bytes.startIndex + $0 }
    }

    private static var bareLineFeed: AssayError {
        HTTPHead.malformed("a line ends in a bare LF")
    }

    private func checkHeadSize() throws(AssayError) {
        guard line.count <= limits.head else { throw headTooLarge }
    }

    private var headTooLarge: AssayError {
        AssayError(.limit, "the head of an HTTP message is larger than \(ByteCount(limits.head))")
    }

    private mutating func finishHead(_ bytes: ArraySlice<UInt8>) throws(AssayError) {
        guard bytes.count <= limits.head else { throw headTooLarge }
        let head = try HTTPHead(parsing: bytes)
        bodyOffset += bytes.count
        if case .response = role, let status = head.status, (100..<200).contains(status),
            status != 101
        {
            return
        }
        place = try bodyPlace(of: head)
        self.head = head
    }

    /// How the body's end is found (RFC 9112, 6.3).
    private func bodyPlace(of head: HTTPHead) throws(AssayError) -> Place {
        let codings = head.values(of: "transfer-encoding")
        let lengths = head.values(of: "content-length")
        guard codings.isEmpty || lengths.isEmpty else {
            throw HTTPHead.malformed("it has both a Content-Length and a Transfer-Encoding")
        }
        guard lengths.allSatisfy({ $0 == lengths[0] }) else {
            throw HTTPHead.malformed("its Content-Length fields differ")
        }
        if case .response(let method) = role {
            guard let status = head.status else {
                throw HTTPHead.malformed("its status line is not one")
            }
            if method == "HEAD" || status == 204 || status == 304 { return .done }
            if status == 101 || (method == "CONNECT" && (200..<300).contains(status)) {
                return .untilClose
            }
        } else if head.requestWords == nil {
            throw HTTPHead.malformed("its request line is not one of HTTP/1")
        }
        if !codings.isEmpty {
            guard codings.count == 1, HTTPHead.isEqual(codings[0].utf8, "chunked".utf8) else {
                throw HTTPHead.malformed("its Transfer-Encoding \(codings) is not plain chunked")
            }
            guard !head.isOld else {
                throw HTTPHead.malformed("it is of HTTP/1.0, which has no chunks, and says chunked")
            }
            return .chunkSize
        }
        if let text = lengths.first {
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let length = Int(text)
            else { throw HTTPHead.malformed("its Content-Length is not a number") }
            return length == 0 ? .done : .length(length)
        }
        if case .response = role { return .untilClose }
        return .done
    }

    private mutating func takeBody(_ rest: inout ArraySlice<UInt8>, _ left: Int) {
        let taken = min(left, rest.count)
        rest = rest.dropFirst(taken)
        if case .chunk = place {
            place = taken == left ? .chunkEnd : .chunk(left - taken)
        } else {
            place = taken == left ? .done : .length(left - taken)
        }
    }

    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(AssayError) {
        guard let end = rest.firstLineFeed else {
            line += rest
            rest = rest[rest.endIndex...]
            return try checkHeadSize()
        }
        line += rest[...end]
        rest = rest[(end + 1)...]
        try checkHeadSize()
        guard line.count >= 2, line[line.count - 2] == 0x0D else { throw Self.bareLineFeed }
        let content = line.dropLast(2)
        guard content.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
            throw HTTPHead.malformed("a chunk's line or a trailer holds control characters")
        }
        switch place {
        case .chunkSize:
            let size = try Self.chunkSize(content)
            place = size == 0 ? .trailer : .chunk(size)
        case .chunkEnd:
            guard content.isEmpty else {
                throw HTTPHead.malformed("a chunk is longer than it says")
            }
            place = .chunkSize
        default:
            if content.isEmpty {
                place = .done
            } else {
                let name = content.prefix { $0 != UInt8(ascii: ":") }
                guard !name.isEmpty, name.count < content.count, name.allSatisfy(HTTPHead.isToken)
                else { throw HTTPHead.malformed("a trailer is no header field") }
                trailerSize += line.count
                guard trailerSize <= limits.head else { throw headTooLarge }
            }
        }
        line.removeAll(keepingCapacity: true)
    }

    /// The size that starts a chunk's line; extensions follow a semicolon (RFC 9112, 7.1).
    static func chunkSize(_ line: ArraySlice<UInt8>) throws(AssayError) -> Int {
        let digits = line.prefix { Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }
        let rest = line[digits.endIndex...].drop { $0 == 0x20 || $0 == 0x09 }
        guard (1...15).contains(digits.count), rest.isEmpty || rest.first == UInt8(ascii: ";"),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw HTTPHead.malformed("a chunk's size is not a number") }
        return size
    }
}
