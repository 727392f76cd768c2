import AssayCore
import AssayStore
import AssayTestKit
import NIOHTTP1
import Synchronization
import Testing

@testable import AssayRegistry

@Suite("The list of referrers under a tag")
struct ReferrerListTests {
    /// The list as a registry holds it, and how often it was asked for.
    private struct Tag {
        var list: [UInt8]
        var looks = 0
    }

    private static func referrer(_ number: UInt8) -> Referrer {
        Referrer(
            mediaType: MediaType.manifest, digest: Digest(of: [number]), size: 1,
            artifactType: "application/vnd.test", annotations: [:])
    }

    private static func index(_ numbers: [UInt8]) -> [UInt8] {
        CanonicalJSON.encode([
            "schemaVersion": 2, "mediaType": JSONValue(MediaType.index),
            "manifests": .array(
                numbers.map(referrer).sorted { $0.digest < $1.digest }.map(\.document)),
        ])
    }

    @Test("a writer that finds its entry gone keeps what another wrote since it looked last")
    func lost() async throws {
        let tag = Mutex(Tag(list: Self.index([1])))
        try await ScriptedHTTPServer.with(
            answer: { request in
                guard request.method == .GET else {
                    tag.withLock { $0.list = request.body }
                    return .init(201)
                }
                let list = tag.withLock { tag -> [UInt8] in
                    tag.looks += 1
                    // Written by somebody who read it before the entry stood there.
                    if tag.looks == 3 { tag.list = Self.index([1, 3]) }
                    return tag.list
                }
                return .init(200, headers: ["Content-Type": MediaType.index], body: list)
            },
            { server in
                try await RegistryClient.with(
                    try RegistryLocation("oci+http://\(server.host)/team/models"), options: quick()
                ) { try await $0.addReferrer(Self.referrer(2), to: Digest(of: [0])) }
            })
        #expect(tag.withLock { $0.list } == Self.index([1, 2, 3]))
    }
}
