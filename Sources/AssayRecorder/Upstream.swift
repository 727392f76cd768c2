public import AssayCore

/// A service that a recorder passes traffic on to, or an address that it listens on.
public struct Upstream: Hashable, Sendable, CustomStringConvertible {
    /// The host's name or address, without brackets.
    public let host: String
    /// The TCP port.
    public let port: Int
    /// Whether it is spoken to in TLS.
    public let isTLS: Bool

    /// Makes an upstream.
    public init(host: String, port: Int, isTLS: Bool = false) {
        self.host = host
        self.port = port
        self.isTLS = isTLS
    }

    /// Reads `http://host[:port][/]` or `https://host[:port][/]`.
    ///
    /// Throws `.usage` for what is not such a URL: a recorder passes bytes through and so cannot add a
    /// path.
    public init(url: String) throws(AssayError) {
        let hint = "write http://HOST:PORT or https://HOST:PORT"
        isTLS = url.hasPrefix("https://")
        guard isTLS || url.hasPrefix("http://") else {
            throw AssayError(
                .usage, "upstream \(url) is not an http:// or https:// URL", hint: hint)
        }
        var authority = url.dropFirst(isTLS ? 8 : 7)
        if authority.hasSuffix("/") { authority.removeLast() }
        guard !authority.contains(where: { "/?#@".contains($0) }) else {
            throw AssayError(
                .usage, "upstream \(url) has more than a host and a port", hint: hint)
        }
        (host, port) = try Self.split(authority, url: url, defaultPort: isTLS ? 443 : 80)
    }

    /// Reads `host:port`, or `[v6 address]:port`, as an address to listen on.
    public static func address(_ text: String) throws(AssayError) -> Upstream {
        let (host, port) = try split(Substring(text), url: text, defaultPort: nil)
        return Upstream(host: host, port: port)
    }

    /// Whether only this machine reaches the host.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func split(
        _ authority: Substring, url: String, defaultPort: Int?
    ) throws(AssayError) -> (String, Int) {
        var host = authority
        var port = defaultPort
        let end = authority.lastIndex(of: "]")
        if let colon = authority.lastIndex(of: ":"), end.map({ $0 < colon }) ?? true {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            guard let number = UInt16(digits), digits.utf8.first != UInt8(ascii: "+") else {
                throw AssayError(.usage, "\(url) has no valid port after the colon")
            }
            port = Int(number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let port else {
            throw AssayError(.usage, "\(url) has no port", hint: "write HOST:PORT")
        }
        guard !host.isEmpty else { throw AssayError(.usage, "\(url) has no host") }
        return (String(host), port)
    }
}
