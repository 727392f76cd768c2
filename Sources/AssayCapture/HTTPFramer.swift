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
        while let index = rest.firstIndex(of: 0x0A) {
            line += rest[...index]
            rest = rest[(index + 1)...]
            try checkHeadSize()
            if line == [0x0D, 0x0A] {
                // A server should pass over an empty line before a request (RFC 9112, 2.2).
                line = []
                continue
            }
            if line.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] { return try finishHead() }
        }
        line += rest
        rest = rest[rest.endIndex...]
        try checkHeadSize()
    }

    private func checkHeadSize() throws(AssayError) {
        guard line.count <= limits.head else {
            throw AssayError(
                .limit, "the head of an HTTP message is larger than \(ByteCount(limits.head))")
        }
    }

    private mutating func finishHead() throws(AssayError) {
        let head = try HTTPHead(parsing: line[...])
        bodyOffset += line.count
        line = []
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
        let lengths = Set(head.values(of: "content-length"))
        guard codings.isEmpty || lengths.isEmpty else {
            throw HTTPHead.malformed("it has both a Content-Length and a Transfer-Encoding")
        }
        guard lengths.count <= 1 else {
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
        } else {
            let words = head.startLine.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
                throw HTTPHead.malformed("its request line is not one of HTTP/1")
            }
        }
        if !codings.isEmpty {
            guard codings.count == 1, HTTPHead.isEqual(codings[0].utf8, "chunked".utf8) else {
                throw HTTPHead.malformed("its Transfer-Encoding \(codings) is not plain chunked")
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
        guard let end = rest.firstIndex(of: 0x0A) else {
            line += rest
            rest = rest[rest.endIndex...]
            return try checkHeadSize()
        }
        line += rest[...end]
        rest = rest[(end + 1)...]
        try checkHeadSize()
        guard line.suffix(2).first == 0x0D else {
            throw HTTPHead.malformed("a chunk's line ends in a bare LF")
        }
        let content = line.dropLast(2)
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
            if content.isEmpty { place = .done }
        }
        line = []
    }

    static func chunkSize(_ line: ArraySlice<UInt8>) throws(AssayError) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
        guard (1...15).contains(digits.count),
            digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw HTTPHead.malformed("a chunk's size is not a number") }
        return size
    }
}
