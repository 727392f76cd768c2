import AssayCore

/// An absolute http or https address, as far as a registry needs one.
struct WebAddress: Hashable, Sendable {
    /// Whether it is https.
    let isSecure: Bool
    /// The host in lower case, a literal IPv6 address with its brackets.
    let host: String
    /// The port, also where it is the usual one.
    let port: Int
    /// From the slash on, with the query.
    let path: String

    /// Two addresses of one origin may share credentials.
    struct Origin: Hashable, Sendable {
        let isSecure: Bool, host: String, port: Int
    }

    var origin: Origin { Origin(isSecure: isSecure, host: host, port: port) }

    /// Host and port as people write them: without the usual port.
    var authority: String { port == (isSecure ? 443 : 80) ? host : "\(host):\(port)" }

    var text: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }

    /// The address without its query, which may hold a signature.
    var shown: String {
        "\(isSecure ? "https" : "http")://\(authority)\(path.prefix { $0 != "?" })"
    }

    /// Whether the host is this machine.
    var isLoopback: Bool {
        host == "localhost" || host == "[::1]"
            || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }

    init(isSecure: Bool, host: String, port: Int?, path: String) {
        self.isSecure = isSecure
        self.host = host.lowercased()
        self.port = port ?? (isSecure ? 443 : 80)
        self.path = path.hasPrefix("/") ? path : "/" + path
    }

    /// Reads an absolute address; `nil` for anything else, also for one with a user or a fragment in
    /// it.
    init?(_ text: some StringProtocol) {
        let lowered = text.prefix(8).lowercased()
        let isSecure = lowered.hasPrefix("https://")
        guard isSecure || lowered.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.split(authority: rest[..<end]),
            rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !rest.contains("#")
        else { return nil }
        self.init(isSecure: isSecure, host: host, port: port, path: String(rest[end...]))
    }

    /// Host and port of `host[:port]`; `nil` if it is anything else.
    static func split(authority: some StringProtocol) -> (host: String, port: Int?)? {
        var host = authority[...]
        var port: Int?
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let number = Int(authority[authority.index(after: colon)...]),
                (1...65_535).contains(number)
            else { return nil }
            port = number
            host = authority[..<colon]
        }
        let isLiteral = host.hasPrefix("[") && host.hasSuffix("]")
        let inner = isLiteral ? host.dropFirst().dropLast() : host[...]
        let allowed: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"): isLiteral
            default: false
            }
        }
        guard !inner.isEmpty, inner.utf8.allSatisfy(allowed) else { return nil }
        return (String(host), port)
    }

    /// The address that a `Location` names, seen from here; `nil` if it names none.
    func resolving(_ location: String) -> WebAddress? {
        if let absolute = WebAddress(location) { return absolute }
        guard location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !location.contains("#") else {
            return nil
        }
        if location.hasPrefix("//") {
            return WebAddress("\(isSecure ? "https" : "http"):\(location)")
        }
        guard location.hasPrefix("/") else { return nil }
        return WebAddress(isSecure: isSecure, host: host, port: port, path: location)
    }

    /// This address with one more parameter; `value` is escaped.
    func adding(_ name: String, _ value: String) -> WebAddress {
        WebAddress(
            isSecure: isSecure, host: host, port: port,
            path: path + (path.contains("?") ? "&" : "?")
                + "\(name)=\(PercentCoding.encoded(text: value))")
    }
}
