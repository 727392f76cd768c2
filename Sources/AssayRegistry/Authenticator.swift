import AssayCore
import AsyncHTTPClient
import NIOHTTP1

/// Answers the challenges of one registry, and keeps what was granted.
///
/// Basic (RFC 7617) and Bearer after the token specification of the distribution project, with
/// identity tokens by its OAuth2 form. Secrets leave only in requests.
actor Authenticator {
    private let location: RegistryLocation
    private let options: RegistryOptions
    private let transport: HTTPTransport
    private var granted: [String: String] = [:]

    init(location: RegistryLocation, options: RegistryOptions, transport: HTTPTransport) {
        self.location = location
        self.options = options
        self.transport = transport
    }

    /// The header for requests with a scope, if one was granted before.
    func header(for scope: String) -> String? { granted[scope] }

    /// A header that answers challenges to a request with a scope.
    ///
    /// `refused` is the header that the request carried: what was granted to another request meanwhile
    /// is tried first. Throws `.network` if the registry cannot be satisfied.
    func answer(
        _ challenges: [Challenge], scope: String, refused: String?
    ) async throws -> String {
        if let present = granted[scope], present != refused { return present }
        granted[scope] = nil
        let credential = try await credential()
        // The header of every request goes there, a token as well as a password.
        if credential != nil { try allowSecrets(to: location.base) }
        let header: String
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            header = try await "Bearer " + token(for: bearer, scope: scope, credential)
        } else if challenges.contains(where: { $0.scheme == "basic" }) {
            guard case .password(let user, let password) = credential?.kind else {
                throw signInFirst("asks for a user and a password, and there is none for it")
            }
            header = Self.basic(user, password)
            // It was this very header that was refused: another attempt would not go better.
            if header == refused { throw signInFirst("refused the user and the password") }
        } else {
            throw signInFirst("asks for a way to sign in that this version does not know")
        }
        granted[scope] = header
        return header
    }

    private func credential() async throws(AssayError) -> Credential? {
        try await options.credentials?.credential(
            host: location.host, repository: location.repository)
    }

    private func token(
        for challenge: Challenge, scope: String, _ credential: Credential?
    ) async throws -> String {
        guard let text = challenge.parameters["realm"], let realm = WebAddress(text) else {
            throw AssayError(
                .network, "registry \(location.host) names no address that gives out tokens")
        }
        let wanted = challenge.parameters["scope"] ?? scope
        let service = challenge.parameters["service"]
        if credential != nil { try allowSecrets(to: realm) }
        var request = HTTPTransport.Request(method: .GET, address: realm)
        if case .identityToken(let token) = credential?.kind {
            request.method = .POST
            request.headers = [("Content-Type", "application/x-www-form-urlencoded")]
            var form = [
                ("grant_type", "refresh_token"), ("client_id", "assay"), ("refresh_token", token),
                ("scope", wanted),
            ]
            if let service { form.append(("service", service)) }
            let body = form.map { "\($0)=\(PercentCoding.encoded(text: $1))" }.joined(
                separator: "&")
            request.body = .bytes(Array(body.utf8))
        } else {
            if let service { request.address = request.address.adding("service", service) }
            for part in wanted.split(separator: " ") {
                request.address = request.address.adding("scope", String(part))
            }
            if case .password(let user, let password) = credential?.kind {
                request.headers = [("Authorization", Self.basic(user, password))]
            }
        }
        let response = try await transport.send(request)
        let status = Int(response.status.code)
        let bytes = try await transport.bytes(of: response, from: realm, limit: 1 << 20)
        switch status {
        case 200: break
        case 401, 403:
            throw signInFirst(
                credential == nil
                    ? "gives nothing to people who did not sign in"
                    : "refused the credentials that are stored for it")
        case _ where RetryPolicy.isTransient(status):
            throw TransientFailure(
                error: AssayError(
                    .network, "the token service \(realm.authority) answered with status \(status)",
                    hint: "try again later"),
                retryAfter: RetryPolicy.delay(response.headers.first(name: "Retry-After")))
        default:
            throw AssayError(
                .network, "the token service \(realm.authority) answered with status \(status)")
        }
        // What came is not quoted: it holds a token, or nearly so.
        guard let value = try? JSONParser.parse(bytes, file: "token") else {
            throw AssayError(
                .network, "the token service \(realm.authority) did not answer with JSON")
        }
        let root = JSONReader(value, document: "the token of \(realm.authority)")
        let token = root["token"].ifPresent ?? root["access_token"]
        let granted = try token.string()
        guard !granted.isEmpty, granted.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw token.mismatch("a token")
        }
        return granted
    }

    private func allowSecrets(to address: WebAddress) throws(AssayError) {
        guard !address.isSecure, !address.isLoopback else { return }
        throw AssayError(
            .network,
            "registry \(location.host) wants credentials sent to \(address.authority) without TLS, where "
                + "anybody on the way could read them", hint: "use a registry with TLS")
    }

    private func signInFirst(_ reason: String) -> DeniedAccess {
        DeniedAccess(
            error: AssayError(
                .network, "registry \(location.host) \(reason), for \(location.repository)",
                hint:
                    "sign in with `skopeo login \(location.host)` or `docker login \(location.host)`"
            ))
    }

    private static func basic(_ user: String, _ password: String) -> String {
        "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
    }
}

/// The registry or its token service does not let this account do what was asked.
struct DeniedAccess: Error {
    let error: AssayError
}
