import AssayCore
import AsyncHTTPClient
import NIOHTTP1

/// Speaks with one repository of a registry by the OCI distribution specification 1.1.
///
/// Everything is tried again where that may help, everything that arrives is checked against its
/// digest, and credentials go to the registry and its token service only.
public struct RegistryClient: Sendable {
    /// The repository.
    public let location: RegistryLocation
    let options: RegistryOptions
    let transport: HTTPTransport
    let confirmed = ConfirmedBlobs()
    private let authenticator: Authenticator

    private static let redirects = 5

    /// Lends a client of a repository to `body` and closes its connections afterwards.
    public static func with<R: Sendable>(
        _ location: RegistryLocation, options: RegistryOptions,
        _ body: (RegistryClient) async throws -> R
    ) async throws -> R {
        let transport = HTTPTransport(options: options)
        let client = RegistryClient(location: location, options: options, transport: transport)
        let result: Result<R, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        try await transport.shutdown()
        return try result.get()
    }

    private init(location: RegistryLocation, options: RegistryOptions, transport: HTTPTransport) {
        self.location = location
        self.options = options
        self.transport = transport
        authenticator = Authenticator(location: location, options: options, transport: transport)
    }

    /// What a request needs to be allowed to do.
    enum Access: Hashable, Sendable {
        case pull, push
        /// To take blobs out of another repository, too.
        case mount(String)

        func scope(_ repository: String) -> String {
            switch self {
            case .pull: "repository:\(repository):pull"
            case .push: "repository:\(repository):pull,push"
            case .mount(let other): "repository:\(repository):pull,push repository:\(other):pull"
            }
        }
    }

    /// An answer and where it came from after redirects.
    struct Answer: Sendable {
        let response: HTTPClientResponse
        let address: WebAddress
        var status: Int { Int(response.status.code) }
        func header(_ name: String) -> String? { response.headers.first(name: name) }
    }

    /// Sends a request, answers a challenge once, and follows redirects.
    ///
    /// `Authorization` goes to the registry's own scheme, host and port only, and never along with a
    /// redirect to another. From TLS nothing leads to plain HTTP. Throws `TransientFailure` or
    /// `AssayError`.
    func exchange(_ request: HTTPTransport.Request, access: Access) async throws -> Answer {
        let scope = access.scope(location.repository)
        var request = request
        var followed = 0
        var answered = false
        var wasSecure = location.base.isSecure
        while true {
            // Whoever led here: the registry, a redirect, the place of an upload, a link.
            guard request.address.isSecure || !wasSecure else {
                throw AssayError(
                    .network,
                    "registry \(location.host) leads from TLS to plain HTTP, to "
                        + "\(request.address.authority), which is not followed")
            }
            wasSecure = wasSecure || request.address.isSecure
            let isOurs = request.address.origin == location.base.origin
            let header = isOurs ? await authenticator.header(for: scope) : nil
            var sent = request
            if let header { sent.headers.append(("Authorization", header)) }
            let response = try await transport.send(sent)
            let answer = Answer(response: response, address: request.address)
            switch answer.status {
            case 401 where isOurs && !answered:
                answered = true
                let challenges = response.headers["WWW-Authenticate"].flatMap(Challenge.parse)
                try await discard(answer)
                _ = try await authenticator.answer(challenges, scope: scope, refused: header)
            case 301, 302, 303, 307, 308:
                try await discard(answer)
                followed += 1
                request.address = try redirected(answer, request: request, count: followed)
            default: return answer
            }
        }
    }

    private func redirected(
        _ answer: Answer, request: HTTPTransport.Request, count: Int
    ) throws(AssayError) -> WebAddress {
        guard count <= Self.redirects else {
            throw AssayError(
                .network, "registry \(location.host) redirects more than \(Self.redirects) times")
        }
        let keepsMethod = answer.status == 307 || answer.status == 308
        guard request.method == .GET || request.method == .HEAD || keepsMethod else {
            throw AssayError(
                .network,
                "registry \(location.host) redirects an upload with status \(answer.status), which would "
                    + "lose its content")
        }
        guard let text = answer.header("Location"),
            let address = request.address.resolving(text)
        else {
            throw AssayError(
                .network, "registry \(location.host) redirects to no address that can be read")
        }
        return address
    }

    /// Reads away the rest of an answer, so that its connection can be used again.
    func discard(_ answer: Answer) async throws {
        _ = try await transport.bytes(of: answer.response, from: answer.address, limit: 1 << 20)
    }

    /// The failure that an answer with an unexpected status is.
    func failure(_ attempt: String, _ answer: Answer) async throws -> any Error {
        let bytes = try await transport.bytes(
            of: answer.response, from: answer.address, limit: 1 << 20)
        let fault = RegistryFault(parsing: bytes)
        let words = fault.message.isEmpty ? "" : ": \(fault.message)"
        let text =
            "could not \(attempt): \(answer.address.authority) answered with status "
            + "\(answer.status)\(words)"
        switch answer.status {
        case 401, 403:
            return AssayError(
                .network, text,
                hint:
                    "see that this account may write to \(location.repository), or sign in again with "
                    + "`skopeo login \(location.host)`")
        case _ where RetryPolicy.isTransient(answer.status):
            return TransientFailure(
                error: AssayError(.network, text, hint: "try again later"),
                retryAfter: RetryPolicy.delay(answer.header("Retry-After")))
        default: return RefusedRequest(fault: fault, error: AssayError(.network, text))
        }
    }

    /// Runs `body` again while it fails in a way that may go away.
    func retrying<R>(_ body: () async throws -> R) async throws(AssayError) -> R {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let failure as TransientFailure {
                if failure.madeProgress { attempt = 1 }
                guard attempt < options.retry.attempts else {
                    throw AssayError(
                        failure.error.code, "\(failure.error.message), \(attempt) times",
                        hint: failure.error.hint, cause: failure.error.cause)
                }
                let wait = options.retry.wait(
                    after: attempt, asked: failure.retryAfter, jitter: Double.random(in: 0...1))
                options.onRetry("\(failure.error.message); trying again in \(wait)")
                attempt += 1
                do { try await Task.sleep(for: wait) } catch {
                    throw AssayError(.interrupted, "the transfer was interrupted")
                }
            } catch let error as RefusedRequest {
                throw error.error
            } catch let error as DeniedAccess {
                throw error.error
            } catch let error as AssayError {
                throw error
            } catch is CancellationError {
                throw AssayError(.interrupted, "the transfer was interrupted")
            } catch {
                throw AssayError(
                    .network, "could not talk to registry \(location.host)", cause: error)
            }
        }
    }
}

/// A request that the registry understood and refused, with its reasons.
struct RefusedRequest: Error {
    let fault: RegistryFault
    let error: AssayError
}
