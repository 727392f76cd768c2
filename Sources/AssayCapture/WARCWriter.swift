import AssayCore

/// Appends WARC/1.1 records (ISO 28500) to bytes.
struct WARCWriter {
    /// The bytes so far.
    var bytes: [UInt8] = []

    /// A kind of record that captures use.
    enum Kind: String {
        case info = "warcinfo"
        case request, response, metadata

        var contentType: String {
            switch self {
            case .info, .metadata: "application/json"
            case .request: "application/http;msgtype=request"
            case .response: "application/http;msgtype=response"
            }
        }
    }

    /// Appends a record. `fields` are whole lines with their line breaks, in their order; the length
    /// is added last.
    mutating func append(
        _ kind: Kind, id: String, date: String, target: [UInt8]?, fields: [String] = [],
        block: [UInt8]
    ) {
        bytes.reserveCapacity(bytes.count + block.count + 512)
        bytes += "WARC/1.1\r\nWARC-Type: ".utf8
        bytes += kind.rawValue.utf8
        bytes += "\r\nWARC-Record-ID: <urn:assay:".utf8
        bytes += id.utf8
        bytes += ">\r\nWARC-Date: ".utf8
        bytes += date.utf8
        if let target {
            bytes += "\r\nWARC-Target-URI: ".utf8
            bytes += target
        }
        bytes += "\r\nContent-Type: ".utf8
        bytes += kind.contentType.utf8
        bytes += "\r\n".utf8
        for field in fields { bytes += field.utf8 }
        bytes += "Content-Length: ".utf8
        bytes += String(block.count).utf8
        bytes += "\r\n\r\n".utf8
        bytes += block
        bytes += "\r\n\r\n".utf8
    }

    /// The URI that a request asks for: the target with the `Host`, percent-encoded where a URI may
    /// not hold a byte; `localhost` where the request names no host.
    static func target(of request: [UInt8]) -> [UInt8] {
        let start = request.afterEmptyLines.startIndex
        let lineEnd = request[start...].firstIndex(of: 0x0D) ?? request.count
        let words = request[start..<lineEnd]
            .split(separator: 0x20, omittingEmptySubsequences: false)
        let target = words.count == 3 ? words[1] : []
        if ByteSearch.first(Array("://".utf8), in: Array(target.prefix(64)), from: 0) != nil {
            return encoded(target)
        }
        var uri = Array("http://".utf8)
        uri += encoded(host(in: request, from: lineEnd))
        if target.first != UInt8(ascii: "/") { uri.append(UInt8(ascii: "/")) }
        uri += encoded(target)
        return uri
    }

    private static func host(in request: [UInt8], from lineEnd: Int) -> ArraySlice<UInt8> {
        var start = lineEnd + 2
        while start < request.count, request[start] != 0x0D {
            let end = request[start...].firstIndex(of: 0x0D) ?? request.count
            let line = request[start..<end]
            if line.count > 5, HTTPHead.isEqual(line.prefix(5), "host:".utf8) {
                let value = line.dropFirst(5).drop { $0 == 0x20 || $0 == 0x09 }
                return value.isEmpty ? localhost : value
            }
            start = end + 2
        }
        return localhost
    }

    private static let localhost = Array("localhost".utf8)[...]

    /// Bytes with `%` and two digits in place of those that neither a URI nor a header may hold.
    static func encoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        if bytes.allSatisfy(isPlain) { return Array(bytes) }
        return PercentCoding.encoded(bytes, keeping: isPlain)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        guard byte > 0x20, byte < 0x7F else { return false }
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "\\"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"),
            UInt8(ascii: "}"):
            return false
        default: return true
        }
    }
}
