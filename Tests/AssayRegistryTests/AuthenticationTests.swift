import AssayCore
import AssayStore
import AssaySystem
import AssayTestKit
import NIOHTTP1
import Subprocess
import Synchronization
import SystemPackage
import Testing

@testable import AssayRegistry

@Suite("Signing in to registries")
struct AuthenticationTests {
    /// Files of credentials with one user for a host.
    static func files(
        _ host: String, user: String = RegistryServer.user,
        password: String = RegistryServer.password, in directory: FilePath
    ) throws -> CredentialFiles {
        let packed = Base64.encode(Array("\(user):\(password)".utf8))
        let path = directory.appending("auth.json")
        try FileSystem.replace(
            path, with: Array(#"{"auths":{"\#(host)":{"auth":"\#(packed)"}}}"#.utf8))
        return CredentialFiles(environment: ["REGISTRY_AUTH_FILE": path.string], user: 0)
    }

    @Test("a user and a password open a registry; without them, and with wrong ones, it is told")
    func basic() async throws {
        try await RegistryServer.with(.users) { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([300_000])
            let store = here.store
            let location = try RegistryTransferTests.location(server.host)
            let good = try Self.files(server.host, in: here.path)
            let report = try await RegistryClient.with(location, options: quick(credentials: good))
            {
                try await $0.push(manifest, tag: "one", from: store)
            }
            #expect(report.moved == 4)
            let wrong = try Self.files(server.host, password: "guessed-wrong", in: here.path)
            for credentials in [nil, wrong] {
                let error = await #expect(throws: AssayError.self) {
                    try await RegistryClient.with(
                        location, options: quick(credentials: credentials)
                    ) { try await $0.artifact(tag: "one")?.digest }
                }
                #expect(error?.hint?.contains("skopeo login \(server.host)") == true)
                let text = "\(error.map { "\($0) \($0.hint ?? "")" } ?? "")"
                #expect(!text.contains("guessed-wrong"))
                #expect(!text.contains(Base64.encode(Array("ada:guessed-wrong".utf8))))
            }
        }
    }

    @Test("a token service opens a registry, and a token that expires on the way is renewed")
    func bearer() async throws {
        let keys = try await SigningKey.make()
        let asked = Mutex<[String?]>([])
        try await ScriptedHTTPServer.with(
            answer: { request in
                let authorization = request.headers.first(name: "Authorization")
                asked.withLock { $0.append(authorization) }
                let expected = Base64.encode(
                    Array("\(RegistryServer.user):\(RegistryServer.password)".utf8))
                guard authorization == "Basic \(expected)" else { return .init(401) }
                let token = try await keys.token(repository: "team/models")
                return .init(200, body: Array(#"{"token":"\#(token)"}"#.utf8))
            },
            { service in
                let access = RegistryServer.Access.tokens(
                    realm: "http://\(service.host)/token", certificate: keys.certificate)
                try await RegistryServer.with(access) { server in
                    try await FaultProxy.with(server.host) { proxy in
                        let here = try StoreFixture()
                        let manifest = try here.artifact([1 << 20, 2 << 20, 3 << 20])
                        let store = here.store
                        let credentials = try Self.files(proxy.host, in: here.path)
                        let challenge =
                            #"Bearer realm="http://\#(service.host)/token",service="test",scope="repository:team/models:pull,push""#
                        proxy.fail(
                            "PUT", "/blobs/uploads/",
                            .answer(401, ["WWW-Authenticate": challenge]), skipping: 2)
                        let report = try await RegistryClient.with(
                            try RegistryTransferTests.location(proxy.host),
                            options: quick(credentials: credentials)
                        ) { try await $0.push(manifest, tag: "one", from: store) }
                        #expect(report.moved == 6 && proxy.isUsedUp)
                        #expect(asked.withLock { $0.count } >= 2)
                        // The registry itself never sees the password.
                        #expect(
                            proxy.records.allSatisfy {
                                $0.authorization?.hasPrefix("Basic") != true
                            })
                        try await Self.expectDenied(proxy.host, in: here.path)
                    }
                }
            })
        withExtendedLifetime(keys) {}
    }

    private static func expectDenied(_ host: String, in directory: FilePath) async throws {
        let wrong = try files(host, password: "guessed-wrong", in: directory)
        let error = await #expect(throws: AssayError.self) {
            try await RegistryClient.with(
                try RegistryTransferTests.location(host), options: quick(credentials: wrong)
            ) { try await $0.allTags() }
        }
        #expect(error?.message.contains("refused the credentials") == true)
        #expect(error.map { "\($0)".contains("guessed-wrong") } == false)
    }

    @Test("a redirect to another host gets no credentials, and its challenge no answer")
    func redirects() async throws {
        try await RegistryServer.with(.users) { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([300_000])
            let store = here.store
            let segment = try #require(try store.listing(of: manifest).layers.last)
            let bytes = try store.read(segment.digest)
            let seen = Mutex<[String?]>([])
            let isRude = Mutex(false)
            try await ScriptedHTTPServer.with(
                answer: { request in
                    seen.withLock { $0.append(request.headers.first(name: "Authorization")) }
                    if isRude.withLock({ $0 }) {
                        return .init(401, headers: ["WWW-Authenticate": "Basic realm=\"x\""])
                    }
                    return .init(200, body: bytes)
                },
                { elsewhere in
                    try await FaultProxy.with(server.host) { proxy in
                        let credentials = try Self.files(proxy.host, in: here.path)
                        let location = try RegistryTransferTests.location(proxy.host)
                        let options = quick(credentials: credentials)
                        _ = try await RegistryClient.with(location, options: options) {
                            try await $0.push(manifest, tag: "one", from: store)
                        }
                        let away: HTTPHeaders = ["Location": "http://\(elsewhere.host)/blob?sig=1"]
                        proxy.fail("GET", segment.digest.hex, .answer(307, away), times: 2)
                        let there = try StoreFixture()
                        let other = there.store
                        _ = try await RegistryClient.with(location, options: options) { client in
                            let artifact = try #require(try await client.artifact(tag: "one"))
                            return try await client.pull(artifact, into: other)
                        }
                        #expect(try other.verify(try other.artifact(manifest)).isEmpty)
                        #expect(seen.withLock { $0 } == [nil])

                        isRude.withLock { $0 = true }
                        let empty = try StoreFixture()
                        let third = empty.store
                        let error = await #expect(throws: AssayError.self) {
                            try await RegistryClient.with(location, options: options) { client in
                                let artifact = try #require(try await client.artifact(tag: "one"))
                                return try await client.pull(artifact, into: third)
                            }
                        }
                        #expect(error?.message.contains("status 401") == true)
                        #expect(error?.message.contains("sig=1") == false)
                        #expect(seen.withLock { $0 } == [nil, nil])
                    }
                })
        }
    }

    @Test("TLS is checked, and a certificate of one's own can be named")
    func tls() async throws {
        let keys = try await SigningKey.make()
        try await RegistryServer.with(certificate: keys.certificate, key: keys.key) { server in
            let location = try RegistryLocation("oci://\(server.host)/team/models")
            let error = await #expect(throws: AssayError.self) {
                try await RegistryClient.with(location, options: quick()) {
                    try await $0.allTags()
                }
            }
            #expect(error?.message.contains("over TLS") == true)
            let here = try StoreFixture()
            let manifest = try here.artifact([300_000])
            let store = here.store
            let trusting = quick(certificates: keys.certificate)
            let report = try await RegistryClient.with(location, options: trusting) {
                try await $0.push(manifest, tag: "one", from: store)
            }
            #expect(report.moved == 4)
        }
        withExtendedLifetime(keys) {}
    }
}

/// A key and a certificate of its own that signs what a registry believes.
///
/// `@unchecked Sendable`: it holds paths that never change.
final class SigningKey: @unchecked Sendable {
    private let directory: TemporaryDirectory
    let certificate: FilePath, key: FilePath
    private let encoded: String

    static func make() async throws -> SigningKey {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-key-")
        let key = directory.path.appending("key.pem")
        let certificate = directory.path.appending("certificate.pem")
        try await openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:registry.test", "-keyout", key.string,
            "-out",
            certificate.string)
        let text = String(decoding: try FileSystem.read(certificate), as: UTF8.self)
        let encoded = text.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        return SigningKey(
            directory: directory, certificate: certificate, key: key, encoded: encoded)
    }

    private init(
        directory: consuming TemporaryDirectory, certificate: FilePath, key: FilePath,
        encoded: String
    ) {
        self.directory = directory
        self.certificate = certificate
        self.key = key
        self.encoded = encoded
    }

    /// A token that lets its bearer pull from and push to a repository; RFC 7519, RS256.
    func token(repository: String) async throws -> String {
        let head = #"{"alg":"RS256","typ":"JWT","x5c":["\#(encoded)"]}"#
        let claims =
            #"{"iss":"test","aud":"test","sub":"ada","exp":4000000000,"nbf":1,"iat":1,"jti":"1","access":[{"type":"repository","name":"\#(repository)","actions":["pull","push"]}]}"#
        let signed = Self.url(Array(head.utf8)) + "." + Self.url(Array(claims.utf8))
        let input = directory.path.appending("input-\(UInt64.random(in: 0 ... .max))")
        try FileSystem.replace(input, with: Array(signed.utf8))
        let output = FilePath(input.string + ".sig")
        try await Self.openssl(
            "dgst", "-sha256", "-sign", key.string, "-out", output.string, input.string)
        return signed + "." + Self.url(try FileSystem.read(output))
    }

    private static func url(_ bytes: [UInt8]) -> String {
        String(
            Base64.encode(bytes).filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        )
    }

    private static func openssl(_ arguments: String...) async throws {
        let result = try await Subprocess.run(
            .name("openssl"), arguments: Arguments(arguments), output: .discarded,
            error: .string(limit: 1 << 16))
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
    }
}
