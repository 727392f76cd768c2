import AssayCore

/// Which addresses are reached through which proxy, as the environment says it.
///
/// `HTTPS_PROXY`, or else `ALL_PROXY`, for addresses with TLS, `HTTP_PROXY` for those without; each in
/// lower case, too, which comes first. Both kinds go through a tunnel (`CONNECT`). `NO_PROXY` lists hosts that are reached directly: a host stands for
/// itself and all below it, with a port for that port alone, `*` for all. This machine is always
/// reached directly.
public struct ProxySettings: Sendable {
    /// A proxy that speaks plain HTTP, and what it is shown.
    struct Proxy: Hashable, Sendable, CustomStringConvertible {
        let host: String, port: Int
        let login: Login?

        struct Login: Hashable, Sendable { let user: String, password: String }

        /// Host and port, without the login.
        var description: String { "\(host):\(port)" }
    }

    private let environment: [String: String]
    private let exceptions: [String]

    /// Takes the settings out of the environment of a process.
    public init(environment: [String: String]) {
        self.environment = environment
        let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        exceptions = list.split { $0 == "," || $0 == " " }.map { $0.lowercased() }
    }

    /// The proxy on the way to an address; `nil` for none.
    ///
    /// Throws `.unsupported` for one that speaks something else than plain HTTP, and `.usage` for what
    /// names none; the value itself is not quoted, since it may hold a password.
    func proxy(for address: WebAddress) throws(AssayError) -> Proxy? {
        guard !isDirect(address) else { return nil }
        let names =
            address.isSecure
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            : ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        for name in names {
            if let value = environment[name], !value.isEmpty {
                return try Self.parse(value, name, for: address)
            }
        }
        return nil
    }

    private func isDirect(_ address: WebAddress) -> Bool {
        if address.isLoopback { return true }
        let host = address.host
        return exceptions.contains { exception in
            if exception == "*" { return true }
            guard let (name, port) = WebAddress.split(authority: exception.trimmingDots),
                port == nil || port == address.port
            else { return false }
            return host == name || host.hasSuffix("." + name)
        }
    }

    private static func parse(
        _ value: String, _ name: String, for address: WebAddress
    ) throws(AssayError) -> Proxy {
        let leaveOut = "or reach \(address.host) directly with NO_PROXY=\(address.host)"
        var rest = value[...]
        if let end = value.range(of: "://") {
            let scheme = value[..<end.lowerBound].lowercased()
            guard scheme == "http" else {
                throw AssayError(
                    .unsupported,
                    "\(name) names a proxy of another kind than http, which is not spoken here",
                    hint: "set it to http://HOST:PORT, \(leaveOut)")
            }
            rest = value[end.upperBound...]
        }
        rest = rest.prefix { $0 != "/" }
        var login: Proxy.Login?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            login = Proxy.Login(
                user: PercentCoding.decoded(text: parts[0]),
                password: parts.count == 2 ? PercentCoding.decoded(text: parts[1]) : "")
            rest = rest[rest.index(after: at)...]
        }
        guard let (host, port) = WebAddress.split(authority: rest) else {
            throw AssayError(
                .usage, "\(name) does not name a proxy that can be read",
                hint: "set it to http://HOST:PORT, \(leaveOut)")
        }
        return Proxy(host: host, port: port ?? 80, login: login)
    }
}

extension StringProtocol {
    /// The text without the dots before it.
    fileprivate var trimmingDots: SubSequence { drop { $0 == "." } }

    /// Where a text stands first.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
