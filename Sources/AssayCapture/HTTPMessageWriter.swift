import AssayCore

/// Writes HTTP/1.1 messages for formats that hold an exchange's parts and not its bytes.
///
/// The body is written as it is and counted: fields about framing are replaced. Fields of HTTP/2
/// that begin with a colon are left out. What HTTP/1.1 cannot say is refused.
struct HTTPMessageWriter {
    /// A header field as bytes.
    typealias Field = (name: [UInt8], value: [UInt8])

    /// The fields in order, as the format holds them.
    var fields: [Field] = []
    /// The body without transfer coding.
    var body: [UInt8] = []
    /// Whether the body is held without the content encoding that the fields may name.
    var isDecoded = false
    /// What had to be changed, as sentences for the ledger.
    private(set) var changes: Set<String> = []

    mutating func add(_ name: some Sequence<UInt8>, _ value: some Sequence<UInt8>) {
        fields.append((Array(name), Array(value)))
    }

    mutating func add(_ name: String, _ value: String) {
        fields.append((Array(name.utf8), Array(value.utf8)))
    }

    /// The first value of a field.
    func value(of name: String) -> [UInt8]? {
        fields.first { HTTPHead.isEqual($0.name, name.utf8) }?.value
    }

    /// A request. `host` is used where the fields name none.
    ///
    /// Throws `.unsupported` for a method, target or field that HTTP/1.1 cannot hold.
    mutating func request(
        method: [UInt8], target: [UInt8], host: [UInt8]
    ) throws(AssayError) -> [UInt8] {
        guard !method.isEmpty, method.allSatisfy(HTTPHead.isToken) else {
            throw Self.refused("a method is none of HTTP")
        }
        var bytes = method
        bytes.append(0x20)
        bytes += Self.target(target)
        bytes += " HTTP/1.1\r\n".utf8
        let authority = fields.first { $0.name.elementsEqual(":authority".utf8) }?.value ?? host
        if value(of: "host") == nil, !authority.isEmpty {
            bytes += "Host: ".utf8
            try append(value: authority, to: &bytes)
        }
        let hasBody = !body.isEmpty || Self.takesBody(method)
        try finish(&bytes, length: hasBody ? body.count : nil)
        return bytes
    }

    /// A response to a request of `method`. Throws `.unsupported` as `request` does.
    mutating func response(
        status: Int, reason: [UInt8], method: [UInt8]
    ) throws(AssayError) -> [UInt8] {
        guard (200...999).contains(status) else {
            throw Self.refused(
                (100..<200).contains(status)
                    ? "the connection changed to another protocol" : "a status is none of HTTP")
        }
        var bytes = Array("HTTP/1.1 \(status) ".utf8)
        bytes += reason.filter { $0 >= 0x20 && $0 != 0x7F }
        bytes += "\r\n".utf8
        let isBodiless = status == 204 || status == 304 || method.elementsEqual("HEAD".utf8)
        if isBodiless {
            if !body.isEmpty { changes.insert("a body was left out where HTTP/1.1 has none") }
            // Its length is that of the body which is not there; without one it stays away.
            let said = value(of: "content-length").flatMap {
                Int(String(decoding: $0, as: UTF8.self))
            }
            body = []
            try finish(&bytes, length: status == 204 ? nil : said)
        } else {
            try finish(&bytes, length: body.count)
        }
        return bytes
    }

    private mutating func finish(_ bytes: inout [UInt8], length: Int?) throws(AssayError) {
        var hasLength = false
        for (name, value) in fields where name.first != UInt8(ascii: ":") {
            if HTTPHead.isEqual(name, "transfer-encoding".utf8) { continue }
            if HTTPHead.isEqual(name, "content-length".utf8) {
                // The length stands where it stood, once.
                if let length, !hasLength { try append(name, Array("\(length)".utf8), to: &bytes) }
                hasLength = true
                continue
            }
            if HTTPHead.isEqual(name, "content-encoding".utf8), !body.isEmpty, !isStill(value) {
                changes.insert("a Content-Encoding was left out, its body is held decoded")
                continue
            }
            try append(name, value, to: &bytes)
        }
        if let length, !hasLength { bytes += "Content-Length: \(length)\r\n".utf8 }
        bytes += "\r\n".utf8
        bytes += body
    }

    /// Whether the body is still in the encoding that a field names, as far as its start tells.
    private func isStill(_ encoding: [UInt8]) -> Bool {
        if isDecoded { return HTTPHead.isEqual(encoding, "identity".utf8) }
        if HTTPHead.isEqual(encoding, "gzip".utf8) { return body.starts(with: [0x1F, 0x8B]) }
        if HTTPHead.isEqual(encoding, "zstd".utf8) { return body.starts(with: ZstdFrame.magic) }
        return true
    }

    private func append(
        _ name: [UInt8], _ value: [UInt8], to bytes: inout [UInt8]
    ) throws(AssayError) {
        guard !name.isEmpty, name.allSatisfy(HTTPHead.isToken) else {
            throw Self.refused("a header's name holds what HTTP/1.1 cannot")
        }
        bytes += name
        bytes += ": ".utf8
        try append(value: value, to: &bytes)
    }

    private func append(value: [UInt8], to bytes: inout [UInt8]) throws(AssayError) {
        guard value.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
            throw Self.refused("a header's value holds control characters")
        }
        bytes += value
        bytes += "\r\n".utf8
    }

    private static func takesBody(_ method: [UInt8]) -> Bool {
        method.elementsEqual("POST".utf8) || method.elementsEqual("PUT".utf8)
            || method.elementsEqual("PATCH".utf8)
    }

    /// A target with `%` and two digits for bytes that a request line cannot hold.
    private static func target(_ target: [UInt8]) -> [UInt8] {
        if target.isEmpty { return [UInt8(ascii: "/")] }
        let isPlain = target.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isPlain ? target : WARCWriter.encoded(target[...])
    }

    private static func refused(_ reason: String) -> AssayError {
        AssayError(.unsupported, reason)
    }
}

/// The parts of an `http` or `https` URL that a request needs.
struct RequestURL {
    /// The host, with its port if it is not the scheme's own, and the target.
    let host: [UInt8], target: [UInt8]

    /// Takes a URL apart; `nil` for one without a host.
    init?(_ url: [UInt8]) {
        guard let colon = ByteSearch.first(Array("://".utf8), in: url, from: 0) else { return nil }
        let scheme = url[..<colon]
        let isPlain = HTTPHead.isEqual(scheme, "http".utf8)
        guard isPlain || HTTPHead.isEqual(scheme, "https".utf8) else { return nil }
        let rest = url[(colon + 3)...]
        let end = rest.firstIndex { [0x2F, 0x3F, 0x23].contains($0) } ?? rest.endIndex
        var authority = rest[..<end]
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            authority = authority[(at + 1)...]
        }
        guard !authority.isEmpty else { return nil }
        let own = isPlain ? ":80" : ":443"
        if authority.count > own.utf8.count,
            authority.suffix(own.utf8.count).elementsEqual(own.utf8)
        {
            authority = authority.dropLast(own.utf8.count)
        }
        host = Array(authority)
        let target = Array(rest[end...].prefix { $0 != UInt8(ascii: "#") })
        self.target = target.first == UInt8(ascii: "/") ? target : [UInt8(ascii: "/")] + target
    }
}
