import AssayCore
import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

/// One request after the other over a bounded number of connections, without redirects, credentials
/// or second attempts; those are the client's.
struct HTTPTransport: Sendable {
    /// One request.
    struct Request: Sendable {
        var method: HTTPMethod
        var address: WebAddress
        var headers: [(String, String)] = []
        var body: Body = .none
    }

    /// What a request carries.
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        case file(FileBody)
    }

    private let clients = ClientPool()
    private let options: RegistryOptions

    init(options: RegistryOptions) {
        self.options = options
    }

    /// The client for addresses behind a proxy, or for all others.
    private func client(_ proxy: ProxySettings.Proxy?) -> HTTPClient {
        clients.client(proxy) {
            HTTPClient(
                eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
                configuration: configuration(proxy))
        }
    }

    private func configuration(_ proxy: ProxySettings.Proxy?) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = options.certificates { tls.additionalTrustRoots = [.file(file.string)] }
        let stall = TimeAmount(options.stall)
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: min(stall, .seconds(10)), read: stall, write: stall),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            options.connections
        configuration.connectionPool.retryConnectionEstablishment = false
        if let proxy {
            configuration.proxy =
                proxy.login.map {
                    .server(
                        host: proxy.host, port: proxy.port,
                        authorization: .basic(username: $0.user, password: $0.password))
                } ?? .server(host: proxy.host, port: proxy.port)
        }
        return configuration
    }

    /// Ends all connections.
    func shutdown() async throws {
        for client in clients.all { try await client.shutdown() }
    }

    /// Sends a request and gives the head of the answer. Throws `TransientFailure` or `AssayError`.
    func send(_ request: Request) async throws -> HTTPClientResponse {
        var message = HTTPClientRequest(url: request.address.text)
        message.method = request.method
        message.headers.add(name: "User-Agent", value: "assay")
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        let progress = BodyProgress()
        var size = 0
        switch request.body {
        case .none:
            // Some servers want to be told that nothing comes.
            if request.method == .POST || request.method == .PUT {
                message.body = .bytes([UInt8]())
            }
        case .bytes(let bytes): message.body = .bytes(bytes)
        case .file(var file):
            file.progress = progress
            message.body = .stream(file, length: .known(Int64(file.size)))
            size = file.size
        }
        let client = client(try options.proxies.proxy(for: request.address))
        do {
            guard size > 0 else {
                return try await client.execute(message, deadline: .distantFuture)
            }
            return try await send(message, of: size, progress, client, to: request.address)
        } catch {
            throw failure(error, with: request.address)
        }
    }

    /// Sends a request and watches that the other side takes its body: the time-outs of the connection
    /// do not run while a socket is full.
    private func send(
        _ message: HTTPClientRequest, of size: Int, _ progress: BodyProgress, _ client: HTTPClient,
        to address: WebAddress
    ) async throws -> HTTPClientResponse {
        try await withThrowingTaskGroup(of: HTTPClientResponse?.self) { group in
            group.addTask { try await client.execute(message, deadline: .distantFuture) }
            group.addTask {
                var before = 0
                while true {
                    try await Task.sleep(for: options.stall)
                    let taken = progress.taken
                    // From then on the time-out of the answer counts.
                    if taken >= size { return nil }
                    guard taken - before >= options.slowest else {
                        throw TransientFailure(
                            error: AssayError(
                                .network,
                                "registry \(address.authority) took \(ByteCount(taken - before)) of an "
                                    + "upload in \(options.stall)", hint: "try again"))
                    }
                    before = taken
                }
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let response = result { return response }
            }
            throw CancellationError()
        }
    }

    /// Hands out a body piece by piece. Throws `TransientFailure` if it stalls, drips or is cut.
    func read(
        _ response: HTTPClientResponse, from address: WebAddress,
        _ take: (ByteBuffer) throws -> Void
    ) async throws {
        var guarding = StallGuard(span: options.stall, slowest: options.slowest, now: .now)
        do {
            for try await part in response.body {
                try take(part)
                if guarding.isTooSlow(after: part.readableBytes, now: .now) {
                    throw TransientFailure(
                        error: AssayError(
                            .network,
                            "registry \(address.authority) sends less than \(options.slowest) bytes in "
                                + "\(options.stall)", hint: "try again; what arrived whole is kept")
                    )
                }
            }
        } catch {
            throw failure(error, with: address)
        }
    }

    /// Reads a whole body of at most `limit` bytes.
    func bytes(
        of response: HTTPClientResponse, from address: WebAddress, limit: Int
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await read(response, from: address) { part in
            guard bytes.count + part.readableBytes <= limit else {
                throw AssayError(
                    .limit,
                    "registry \(address.authority) answered with more than \(ByteCount(limit)) at "
                        + address.shown)
            }
            bytes += part.readableBytesView
        }
        return bytes
    }

    /// What an error of the network means.
    private func failure(_ error: any Error, with address: WebAddress) -> any Error {
        var host = address.authority
        // One that cannot be used was told before anything was sent.
        if let proxy = try? options.proxies.proxy(for: address) {
            host += " through the proxy \(proxy)"
        }
        switch error {
        case is AssayError, is TransientFailure, is WrongBytes: return error
        case is CancellationError: return error
        case let error as HTTPClientError where error == .cancelled: return CancellationError()
        case let error as HTTPClientError where error == .readTimeout || error == .writeTimeout:
            return transient(
                "the connection to registry \(host) stalled: nothing moved for \(options.stall)",
                "try again; what arrived whole is kept")
        case let error as HTTPClientError where error == .proxyAuthenticationRequired:
            return AssayError(
                .network, "could not reach registry \(host): the proxy asks who is there",
                hint: "write a user and a password into the proxy's address, in the environment")
        case let error as HTTPClientError where error == .invalidProxyResponse:
            return transient(
                "could not reach registry \(host): the proxy refused the connection",
                "see whether the proxy lets \(address.authority) through, or name it in NO_PROXY")
        case let error as NIOConnectionError:
            return unreachable(
                host, error.connectionErrors.first.map { "\($0.error)" } ?? "unknown host")
        case let error as HTTPClientError where error == .connectTimeout:
            return unreachable(host, "it does not answer")
        case let error as IOError
        where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode):
            return unreachable(host, Errno(rawValue: error.errnoCode).description)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return AssayError(
                .network, "could not talk to registry \(host) over TLS: \(error)",
                hint: "if it speaks plain HTTP its location begins with oci+http://; if its "
                    + "certificate is your own, name the file in ASSAY_CA_FILE")
        default:
            return transient(
                "the connection to registry \(host) broke: \(error)",
                "try again; what arrived whole is kept")
        }
    }

    private func unreachable(_ host: String, _ reason: String) -> TransientFailure {
        transient(
            "could not reach registry \(host): \(reason)",
            "see whether it runs and whether the address is right: `assay remote list`")
    }

    private func transient(_ message: String, _ hint: String) -> TransientFailure {
        TransientFailure(error: AssayError(.network, message, hint: hint))
    }
}
