import AssayCore
import AssayStore
import AssaySystem
import AssayTestKit
import NIOHTTP1
import Synchronization
import SystemPackage
import Testing

@testable import AssayRegistry

/// Addresses of other hosts that a registry names: for a blob that comes, and for one that goes.
@Suite("Registries that send elsewhere")
struct ElsewhereTests {
    /// What came to the other host.
    struct Visit: Sendable {
        let method: String, authorization: String?, size: Int
    }

    @Test(
        "an upload goes where the registry says, without credentials, and counts only if it arrived",
        arguments: [307, 202])
    func upload(status: Int) async throws {
        try await RegistryServer.with(.users) { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([300_000])
            let store = here.store
            let path = here.path
            let segment = try #require(try store.listing(of: manifest).layers.last)
            let visits = Mutex<[Visit]>([])
            try await ScriptedHTTPServer.with(
                answer: { request in
                    visits.withLock {
                        $0.append(
                            Visit(
                                method: request.method.rawValue,
                                authorization: request.headers.first(name: "Authorization"),
                                size: request.body.count))
                    }
                    return .init(201)
                },
                { elsewhere in
                    try await FaultProxy.with(server.host) { proxy in
                        // Either the upload is redirected, or it is begun at another host.
                        let place: HTTPHeaders = ["Location": "http://\(elsewhere.host)/up?sig=1"]
                        proxy.fail(
                            status == 307 ? "PUT" : "POST", "/blobs/uploads/",
                            .answer(status, place), times: 100)
                        let credentials = try AuthenticationTests.files(proxy.host, in: path)
                        let error = await #expect(throws: AssayError.self) {
                            try await RegistryClient.with(
                                try RegistryTransferTests.location(proxy.host),
                                options: quick(credentials: credentials)
                            ) { try await $0.push(manifest, tag: "one", from: store) }
                        }
                        #expect(error?.message.contains("does not keep blob") == true)
                        #expect(error?.hint != nil && error?.message.contains("sig=1") == false)
                        let seen = visits.withLock { $0 }
                        #expect(seen.contains { $0.size == segment.size })
                        #expect(seen.allSatisfy { $0.method == "PUT" && $0.authorization == nil })
                        // The manifest was never offered.
                        #expect(
                            !proxy.records.contains {
                                $0.path.contains("/manifests/") && $0.method == "PUT"
                            })
                    }
                })
        }
    }

    @Test(
        "a token that expires in the middle of a pull is renewed, and the pull goes on where it was"
    )
    func expiringPull() async throws {
        try await RegistryServer.with(.users) { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([6 << 20])
            let store = here.store
            let segment = try #require(try store.listing(of: manifest).layers.last)
            let files = try AuthenticationTests.files(server.host, in: here.path)
            _ = try await RegistryClient.with(
                try RegistryTransferTests.location(server.host), options: quick(credentials: files)
            ) { try await $0.push(manifest, tag: "one", from: store) }
            let tokens = Mutex(0)
            try await ScriptedHTTPServer.with(
                answer: { _ in
                    let number = tokens.withLock {
                        $0 += 1
                        return $0
                    }
                    return .init(200, body: Array(#"{"token":"t\#(number)"}"#.utf8))
                },
                { service in
                    // The registry behind takes Basic; what the client shows is a token of the service.
                    let basic = Base64.encode(
                        Array("\(RegistryServer.user):\(RegistryServer.password)".utf8))
                    try await FaultProxy.with(server.host, authorization: "Basic \(basic)") {
                        proxy in
                        let challenge =
                            #"Bearer realm="http://\#(service.host)/token",service="test""#
                        let refusal = FaultProxy.Fault.answer(
                            401, ["WWW-Authenticate": challenge])
                        proxy.fail("GET", "/manifests/one", refusal)
                        proxy.fail("GET", segment.digest.hex, .cutAnswer(after: 2 << 20))
                        proxy.fail("GET", segment.digest.hex, refusal)
                        let there = try StoreFixture()
                        let other = there.store
                        _ = try await RegistryClient.with(
                            try RegistryTransferTests.location(proxy.host), options: quick()
                        ) { client in
                            let artifact = try #require(try await client.artifact(tag: "one"))
                            return try await client.pull(artifact, into: other)
                        }
                        #expect(proxy.isUsedUp && tokens.withLock { $0 } == 2)
                        #expect(try other.verify(try other.artifact(manifest)).isEmpty)
                        let parts = proxy.records.filter { $0.path.contains(segment.digest.hex) }
                        // A slow machine may need further requests behind these.
                        #expect(
                            parts.prefix(3).map(\.authorization)
                                == ["Bearer t1", "Bearer t1", "Bearer t2"])
                        // What arrived before the cut may have been lost with the connection.
                        #expect(parts.count > 2 && parts[0].range == nil)
                    }
                })
        }
    }
}
