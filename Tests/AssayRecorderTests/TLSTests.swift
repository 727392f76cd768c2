import AssayCore
import AssayRecorder
import AssaySystem
import NIOCore
import NIOPosix
import NIOSSL
import Subprocess
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("upstreams in TLS", .timeLimit(.minutes(20)))
struct TLSTests {
    /// A certificate that signed itself, and a server with it.
    struct Authority: ~Copyable {
        let directory: TemporaryDirectory
        var certificate: FilePath { directory.path.appending("certificate.pem") }
        var key: FilePath { directory.path.appending("key.pem") }

        init(names: String) async throws {
            let made = try TemporaryDirectory(in: "/tmp", prefix: "assay-tls-")
            let key = made.path.appending("key.pem")
            let certificate = made.path.appending("certificate.pem")
            let result = try await Subprocess.run(
                .name("openssl"),
                arguments: [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
                    "subjectAltName=\(names)", "-keyout", key.string, "-out", certificate.string,
                ], output: .discarded, error: .string(limit: 1 << 16))
            try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
            directory = made
        }

        func serve(
            _ reply: @escaping @Sendable (HTTPHead) -> Reply
        ) async throws -> (server: ScriptedServer, address: Upstream) {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.string).map {
                    .certificate($0)
                }, privateKey: .privateKey(try NIOSSLPrivateKey(file: key.string, format: .pem)))
            configuration.applicationProtocols = ["http/1.1"]
            let server = try await ScriptedServer.start(
                on: Bench.group, tls: try NIOSSLContext(configuration: configuration)
            ) { Bench.group.any().makeSucceededFuture(reply($0)) }
            let address = server.address
            return (server, Upstream(host: address.host, port: address.port, isTLS: true))
        }
    }

    private static let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(
        "bytes pass unchanged and are recorded as they were, whether a name or an address is certified",
        arguments: [("IP:127.0.0.1", "127.0.0.1"), ("DNS:localhost", "localhost")])
    func passes(names: String, host: String) async throws {
        let authority = try await Authority(names: names)
        let body = String(repeating: "x", count: 300_000)
        let large = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        let (server, address) = try await authority.serve { head in
            head.path == "/a"
                ? Reply(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n"
                ) : Reply(large)
        }
        let post =
            "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let upstream = Upstream(host: host, port: address.port, isTLS: true)
        let authorities = authority.certificate
        let outcome = try await Bench.record(upstream) {
            $0.authorities = authorities
        } _: {
            _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(Self.request)
            await client.read(upTo: chunked.utf8.count)
            try await client.send(post, piece: 50_000)
            await client.read(upTo: chunked.utf8.count + large.utf8.count)
            #expect(client.text == chunked + large)
            await client.close()
        }
        #expect(
            server.received.map { String(decoding: $0, as: UTF8.self) } == [Self.request + post])
        #expect(
            outcome.exchanges.map { $0.request.count } == [
                Self.request.utf8.count, post.utf8.count,
            ])
        #expect(
            outcome.exchanges.map { String(decoding: $0.response, as: UTF8.self) } == [
                chunked, large,
            ])
        try await server.stop()
    }

    @Test(
        "an upstream whose certificate does not hold gets no request, and the client a 502 that says why",
        arguments: [("IP:127.0.0.1", false), ("IP:127.0.0.2", true), ("DNS:other.example", true)])
    func refuses(names: String, isTrusted: Bool) async throws {
        let authority = try await Authority(names: names)
        let (server, address) = try await authority.serve { _ in Reply("HTTP/1.1 204 N\r\n\r\n") }
        let authorities = isTrusted ? authority.certificate : nil
        let outcome = try await Bench.record(address) {
            $0.authorities = authorities
        } _: {
            _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(Self.request)
            await client.readToEnd()
            #expect(client.text.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
            #expect(client.text.contains("in TLS: "))
        }
        #expect(server.received.allSatisfy { $0.isEmpty } && outcome.exchanges.isEmpty)
        let counters = outcome.recording.counters
        #expect(counters.refused == 1)
        #expect(counters.losses.reasons == ["the TLS handshake with the upstream failed": 1])
        try await server.stop()
    }

    @Test("an upstream that speaks no TLS is refused, and so is a file without certificates")
    func plain() async throws {
        let server = try await ScriptedServer.start(on: Bench.group) { _ in
            Reply("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", closes: true)
        }
        let upstream = Upstream(host: "127.0.0.1", port: server.address.port, isTLS: true)
        let outcome = try await Bench.record(upstream) { _, addresses in
            var client = try await RawClient(Bench.group, to: addresses.listen)
            try await client.send(Self.request)
            await client.readToEnd()
            #expect(client.text.hasPrefix("HTTP/1.1 502 "))
        }
        #expect(outcome.recording.counters.losses.truncated == 1)
        for file: FilePath in ["/dev/null", "/nowhere.pem"] {
            var configuration = RecorderConfiguration(
                listen: Upstream(host: "127.0.0.1", port: 0), upstream: upstream, journal: "/tmp/j")
            configuration.authorities = file
            #expect(throws: AssayError.self) { try Recorder(configuration) }
        }
        try await server.stop()
    }
}
