public import AssayCore
import NIOCore

/// Where a service listens.
public struct ServiceAddress: Hashable, Sendable {
    /// A name, or an address of IP version 4 or 6 without brackets.
    public var host: String
    /// The TCP port.
    public var port: Int

    /// An address on the loopback interface.
    public static func loopback(port: Int) -> ServiceAddress {
        ServiceAddress(host: "127.0.0.1", port: port)
    }

    /// Reads an `http` URL without path, query or user.
    ///
    /// Throws `.usage` for anything else; for a host that is not this machine's loopback unless
    /// `allowsRemote` says so, because recorded requests may change what they are sent to; and
    /// `.unsupported` for `https`.
    public init(url: String, allowsRemote: Bool) throws(AssayError) {
        func refuse(_ reason: String, hint: String? = nil) -> AssayError {
            AssayError(
                .usage, "could not replay to \(url): \(reason)",
                hint: hint ?? "write it as `http://127.0.0.1:8080`")
        }
        guard !url.hasPrefix("https://") else {
            throw AssayError(
                .unsupported, "could not replay to \(url): this version does not speak TLS",
                hint: "give the URL of the service behind what ends TLS")
        }
        guard url.hasPrefix("http://") else { throw refuse("it is no http URL") }
        var rest = url.dropFirst("http://".count)
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.contains(where: { "/?#@".contains($0) }) else {
            throw refuse("it has more than a host and a port")
        }
        var host = rest
        var port = 80
        if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            host = rest[..<colon]
            guard let number = Int(rest[rest.index(after: colon)...]),
                (1...65535).contains(number)
            else { throw refuse("its port is no number from 1 to 65535") }
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { throw refuse("it has no host") }
        self.init(host: String(host), port: port)
        guard allowsRemote || isLoopback else {
            throw refuse(
                "\(host) is not this machine, and recorded requests may change what they reach",
                hint: "give `--allow-remote` if every recorded request may be sent there")
        }
    }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether the host is this machine's loopback, as far as its name says.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        guard let address = try? SocketAddress(ipAddress: host, port: port) else { return false }
        return address.protocol == .inet && host.hasPrefix("127.")
    }

    /// The URL.
    public var url: String {
        host.utf8.contains(UInt8(ascii: ":"))
            ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    }

    /// The address to connect to. Throws `.network` for a name that is not known; asks the system's
    /// resolver for names.
    func resolved() throws(AssayError) -> SocketAddress {
        if let address = try? SocketAddress(ipAddress: host, port: port) { return address }
        do {
            return try SocketAddress.makeAddressResolvingHost(host, port: port)
        } catch {
            throw AssayError(.network, "could not find the host \(host)", cause: error)
        }
    }
}
