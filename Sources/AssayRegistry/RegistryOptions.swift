import AssayCore
public import SystemPackage

/// How a client of a registry behaves.
public struct RegistryOptions: Sendable {
    /// At most this many connections at once.
    public var connections: Int
    /// A connection on which nothing moves for this long is given up; so is one that moves less than
    /// `slowest` bytes in this time.
    public var stall: Duration
    /// The bytes that have to move in the time of `stall` while a body is read or written.
    public var slowest: Int
    /// How failures are tried again.
    public var retry: RetryPolicy
    /// A file of certificates to trust beside those of the system, as PEM.
    public var certificates: FilePath?
    /// Where credentials are looked for; `nil` for none.
    public var credentials: CredentialFiles?
    /// Which proxies are on the way.
    public var proxies: ProxySettings
    /// Is told of every attempt that failed and is made again, as a sentence.
    public var onRetry: @Sendable (String) -> Void

    /// Makes options; the defaults are those of the command line.
    public init(
        connections: Int = 8, stall: Duration = .seconds(30), slowest: Int = 1024,
        retry: RetryPolicy = RetryPolicy(), certificates: FilePath? = nil,
        credentials: CredentialFiles? = nil,
        proxies: ProxySettings = ProxySettings(environment: [:]),
        onRetry: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.connections = connections
        self.stall = stall
        self.slowest = slowest
        self.retry = retry
        self.certificates = certificates
        self.credentials = credentials
        self.proxies = proxies
        self.onRetry = onRetry
    }
}
