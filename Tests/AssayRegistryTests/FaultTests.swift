import AssayCore
import AssayStore
import AssaySystem
import AssayTestKit
import NIOHTTP1
import SystemPackage
import Testing

@testable import AssayRegistry

/// What bad networks and bad servers do to a transfer: nothing is lost, nothing unverified is kept.
@Suite("Transfers through a network that fails", .serialized)
struct FaultTests {
    /// A fault that a push gets over.
    struct PushFault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let method: String, part: String
        let fault: FaultProxy.Fault
        var skipping = 0

        init(
            _ name: String, _ method: String, _ part: String, _ fault: FaultProxy.Fault,
            skipping: Int = 0
        ) {
            testDescription = name
            self.method = method
            self.part = part
            self.fault = fault
            self.skipping = skipping
        }
    }

    static let pushFaults: [PushFault] = [
        .init("a PUT is cut in the middle", "PUT", "/blobs/uploads/", .cutRequest(after: 300_000)),
        .init("the answer to a PUT is lost", "PUT", "/blobs/uploads/", .loseAnswer),
        .init("500 to a PUT", "PUT", "/blobs/uploads/", .answer(500, [:])),
        .init("500 to a HEAD", "HEAD", "/blobs/", .answer(500, [:])),
        .init("503 to a manifest", "PUT", "/manifests/", .answer(503, [:])),
        .init(
            "429 with Retry-After", "POST", "/blobs/uploads/", .answer(429, ["Retry-After": "0"])),
        .init("408 to a POST", "POST", "/blobs/uploads/", .answer(408, [:])),
        .init("wrong bytes on the way", "PUT", "/blobs/uploads/", .corruptRequest),
        .init("the upload is forgotten", "PUT", "/blobs/uploads/", .answer(404, [:])),
        .init("a stall before the answer", "POST", "/blobs/uploads/", .hang),
        .init("a stall after the body", "PUT", "/blobs/uploads/", .hang),
        .init("a PUT that nobody reads", "PUT", "/blobs/uploads/", .freezeRequest(after: 2 << 20)),
        .init("202 to a PUT that is done", "PUT", "/blobs/uploads/", .status(202)),
        .init("201 to a POST that is to say 202", "POST", "/blobs/uploads/", .status(201)),
        .init("the answer to a manifest is lost", "PUT", "/manifests/", .loseAnswer),
    ]

    @Test("a push gets over it, and what arrives is whole", arguments: pushFaults)
    func push(_ fault: PushFault) async throws {
        try await RegistryServer.with { server in
            try await FaultProxy.with(server.host) { proxy in
                let here = try StoreFixture()
                // More than what the buffers of two sockets hold.
                let manifest = try here.artifact([24 << 20, 1 << 20, 700])
                let store = here.store
                proxy.fail(fault.method, fault.part, fault.fault, skipping: fault.skipping)
                var options = quick()
                switch fault.fault {
                case .hang, .freezeRequest: options.stall = .seconds(2)
                default: break
                }
                let chosen = options
                try await pushTagged(manifest, from: store, to: proxy.host, chosen)
                #expect(proxy.isUsedUp)
                try await Self.expectWhole(manifest, of: store, at: server)
            }
        }
    }

    @Test("a push that was broken off moves only what is missing when it is run again")
    func resumePush() async throws {
        try await RegistryServer.with { server in
            try await FaultProxy.with(server.host) { proxy in
                let here = try StoreFixture()
                let manifest = try here.artifact([2 << 20, 2 << 20, 2 << 20, 2 << 20])
                let store = here.store
                var options = quick(retry: RetryPolicy(attempts: 1))
                options.connections = 1
                proxy.fail("PUT", "/blobs/uploads/", .answer(500, [:]), times: 1, skipping: 3)
                let broken = options
                await #expect(throws: AssayError.self) {
                    try await pushTagged(manifest, from: store, to: proxy.host, broken)
                }
                let report = try await pushTagged(manifest, from: store, to: proxy.host)
                #expect(report.present == 3 && report.moved == 4)
                try await Self.expectWhole(manifest, of: store, at: server)
            }
        }
    }

    @Test("a GET that was cut goes on where it stopped, and drips and stalls are noticed")
    func resumePull() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([6 << 20])
            let store = here.store
            try await pushTagged(manifest, from: store, to: server.host)
            let segment = try #require(try store.listing(of: manifest).layers.last)
            let faults: [FaultProxy.Fault] = [
                .cutAnswer(after: 2 << 20), .drip(bytes: 100, wait: .milliseconds(50)), .hang,
                .answer(500, [:]), .corruptAnswer, .header("Content-Range", "bytes 7-9/10"),
            ]
            for fault in faults {
                try await FaultProxy.with(server.host) { proxy in
                    proxy.fail("GET", segment.digest.hex, fault)
                    let there = try StoreFixture()
                    let other = there.store
                    _ = try await RegistryClient.with(
                        try RegistryTransferTests.location(proxy.host),
                        options: quick(stall: .seconds(2), slowest: 1 << 20)
                    ) { client in
                        let artifact = try #require(try await client.artifact(tag: "one"))
                        return try await client.pull(artifact, into: other)
                    }
                    #expect(proxy.isUsedUp, "\(fault)")
                    #expect(try other.verify(try other.artifact(manifest)).isEmpty)
                    if case .cutAnswer = fault {
                        let ranges = proxy.records.compactMap(\.range)
                        let start = try #require(ranges.first.flatMap(Self.start))
                        #expect(start > 0 && start <= 2 << 20)
                    }
                }
            }
        }
    }

    private static func start(_ range: String) -> Int? {
        range.hasPrefix("bytes=") && range.hasSuffix("-")
            ? Int(range.dropFirst(6).dropLast()) : nil
    }

    @Test("bytes that stay wrong are an error, and nothing of them is kept")
    func wrongBytes() async throws {
        try await RegistryServer.with { server in
            try await FaultProxy.with(server.host) { proxy in
                let here = try StoreFixture()
                let manifest = try here.artifact([1 << 20])
                let store = here.store
                let location = try RegistryTransferTests.location(proxy.host)
                _ = try await RegistryClient.with(location, options: quick()) {
                    try await $0.push(manifest, tag: "one", from: store)
                }
                let segment = try #require(try store.listing(of: manifest).layers.last)
                proxy.fail("GET", segment.digest.hex, .corruptAnswer, times: 4)
                let there = try StoreFixture()
                let other = there.store
                let error = await #expect(throws: AssayError.self) {
                    try await RegistryClient.with(location, options: quick()) { client in
                        let artifact = try #require(try await client.artifact(tag: "one"))
                        return try await client.pull(artifact, into: other)
                    }
                }
                #expect(error?.code == .digestMismatch)
                #expect(error?.message.contains(segment.digest.hex) == true)
                #expect(error?.hint != nil)
                #expect(!other.contains(segment.digest) && !other.contains(manifest))
                #expect(try FileSystem.names(in: other.root.appending("ingest")).isEmpty)

                proxy.fail("GET", "/manifests/one", .corruptAnswer, times: 4)
                let second = await #expect(throws: AssayError.self) {
                    try await RegistryClient.with(location, options: quick()) {
                        try await $0.artifact(tag: "one")?.digest
                    }
                }
                #expect(second?.code == .digestMismatch)
            }
        }
    }

    @Test("a location that is none, and a 201 that is not true, are told")
    func lies() async throws {
        try await RegistryServer.with { server in
            let lies: [(FaultProxy.Fault, String)] = [
                (.header("Location", "not an address"), "does not say where"),
                (.status(201), "but has it not"),
                (.answer(301, ["Location": "/elsewhere"]), "would lose its content"),
                (.answer(307, ["Location": "::"]), "no address"),
                (.answer(400, [:]), "status 400"),
            ]
            for (lie, words) in lies {
                try await FaultProxy.with(server.host) { proxy in
                    let here = try StoreFixture()
                    let manifest = try here.artifact([1000])
                    let store = here.store
                    proxy.fail("POST", "/blobs/uploads/", lie, times: 100)
                    let error = await #expect(throws: AssayError.self) {
                        try await pushTagged(manifest, from: store, to: proxy.host)
                    }
                    #expect(error?.message.contains(words) == true, "\(String(describing: error))")
                }
            }
        }
    }

    @Test(
        "a blob that the registry lost after it had it is brought again when the manifest says so")
    func blobUnknown() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([1 << 20, 2 << 20])
            let store = here.store
            let segment = try #require(try store.listing(of: manifest).layers.last)
            try await FaultProxy.with(server.host) { proxy in
                // The registry has none, and says at first that it has.
                proxy.fail(
                    "HEAD", segment.digest.hex,
                    .answer(200, ["Content-Length": "\(segment.size)"]))
                let report = try await pushTagged(manifest, from: store, to: proxy.host)
                #expect(report.present == 1 && report.moved == 5)
                try await Self.expectWhole(manifest, of: store, at: server)
            }
        }
    }

    @Test("what a registry lists already is asked for at once, and what it lost of that is brought")
    func lostBlob() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([1 << 20, 2 << 20])
            let store = here.store
            let segment = try #require(try store.listing(of: manifest).layers.last)
            try await FaultProxy.with(server.host) { proxy in
                let location = try RegistryTransferTests.location(proxy.host)
                func push(asking: Bool) async throws -> TransferReport {
                    proxy.forget()
                    return try await RegistryClient.with(location, options: quick()) {
                        try await $0.push(manifest, tag: "one", from: store, asking: asking)
                    }
                }
                func heads() -> Int { proxy.records.count { $0.method == "HEAD" } }
                let first = try await push(asking: false)
                // Each before and after it is sent.
                #expect(first.moved == 5 && heads() == 10)
                let second = try await push(asking: false)
                #expect(second.moved == 0 && second.present == 5 && heads() == 0)
                let third = try await push(asking: true)
                #expect(third.moved == 0 && third.present == 5 && heads() == 5)

                let link = server.storage.appending("docker/registry/v2/repositories/team/models")
                    .appending("_layers/sha256/\(segment.digest.hex)/link")
                try FileSystem.remove(link)
                let fourth = try await push(asking: false)
                #expect(fourth.moved == 1 && fourth.present == 4)
                try await Self.expectWhole(manifest, of: store, at: server)
            }
        }
    }

    @Test("a blob that is damaged here is named and not pushed")
    func damagedHere() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([1 << 20])
            let store = here.store
            let segment = try #require(try store.listing(of: manifest).layers.last)
            var bytes = try store.read(segment.digest)
            bytes[1000] ^= 4
            try FileSystem.replace(store.blobPath(segment.digest), with: bytes)
            let error = await #expect(throws: AssayError.self) {
                try await pushTagged(manifest, from: store, to: server.host)
            }
            #expect(error?.code == .digestMismatch)
            #expect(error?.message.contains(segment.digest.hex) == true)
        }
    }

    @Test("a registry that is not there is told with its address")
    func unreachable() async throws {
        let port = try RegistryServer.freePort()
        let error = await #expect(throws: AssayError.self) {
            try await RegistryClient.with(
                try RegistryTransferTests.location("127.0.0.1:\(port)"), options: quick()
            ) { try await $0.allTags() }
        }
        #expect(error?.message.contains("could not reach registry 127.0.0.1:\(port)") == true)
        #expect(error?.message.contains("4 times") == true)
    }

    /// Pulls past the proxy and compares.
    static func expectWhole(
        _ manifest: Digest, of store: Store, at server: RegistryServer
    ) async throws {
        let there = try StoreFixture()
        let other = there.store
        try await RegistryClient.with(
            try RegistryTransferTests.location(server.host), options: quick()
        ) { client in
            let artifact = try #require(try await client.artifact(tag: "one"))
            #expect(artifact.digest == manifest)
            _ = try await client.pull(artifact, into: other)
        }
        #expect(try other.verify(try other.artifact(manifest)).isEmpty)
    }
}
