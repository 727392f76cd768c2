import AssayCore
import AssayStore
import AssaySystem
import AssayTestKit
import Subprocess
import SystemPackage
import Testing

@testable import AssayRegistry

/// Transfers between stores and a real registry.
@Suite("Transfers to and from docker-registry")
struct RegistryTransferTests {
    static func location(_ host: String, _ repository: String = "team/models") throws
        -> RegistryLocation
    {
        try RegistryLocation("oci+http://\(host)/\(repository)")
    }

    @Test("what one store pushes, another pulls, byte for byte, and neither moves it twice")
    func roundTrip() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([3 << 20, 2 << 20, 1000, 500])
            let store = here.store
            let location = try Self.location(server.host)
            let (first, second) = try await RegistryClient.with(location, options: quick()) {
                client in
                (
                    try await client.push(manifest, tag: "one", from: store),
                    try await client.push(manifest, tag: "one", from: store)
                )
            }
            #expect(first.blobs == 7 && first.present == 0 && first.moved == 7)
            #expect(first.bytes > 5 << 20)
            #expect(second.moved == 0 && second.present == 7 && second.bytes == 0)

            let there = try StoreFixture()
            let other = there.store
            let reports = try await RegistryClient.with(location, options: quick()) { client in
                let artifact = try #require(try await client.artifact(tag: "one"))
                #expect(artifact.digest == manifest)
                return (
                    try await client.pull(artifact, into: other),
                    try await client.pull(artifact, into: other)
                )
            }
            #expect(reports.0.moved == 7 && reports.1.moved == 0 && reports.1.present == 7)
            let artifact = try other.artifact(manifest)
            #expect(artifact.files == (try store.artifact(manifest)).files)
            #expect(try other.verify(artifact).isEmpty)
        }
    }

    @Test("only segments that changed move, both ways")
    func changedSegments() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let old = try here.artifact([2 << 20, 3 << 20])
            let sizes = [2 << 20, 3 << 20, 1 << 20]
            let new = try here.artifact(sizes, ref: "bundle/scoring/two")
            let store = here.store
            let there = try StoreFixture()
            let other = there.store
            try await RegistryClient.with(try Self.location(server.host), options: quick()) {
                client in
                _ = try await client.push(old, tag: "old", from: store)
                let before = try #require(try await client.artifact(tag: "old"))
                _ = try await client.pull(before, into: other)
                let pushed = try await client.push(new, tag: "new", from: store)
                #expect(pushed.moved == 1 && pushed.bytes == 1 << 20)
                let after = try #require(try await client.artifact(tag: "new"))
                let pulled = try await client.pull(after, into: other)
                #expect(pulled.moved == 1 && pulled.bytes == pushed.bytes)
            }
        }
    }

    @Test("skopeo reads what was pushed, and what skopeo pushed is pulled")
    func skopeo() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([2 << 20, 900])
            let store = here.store
            let location = try Self.location(server.host)
            _ = try await RegistryClient.with(location, options: quick()) {
                try await $0.push(manifest, tag: "one", from: store)
            }
            let layout = here.path.appending("layout")
            try await Self.skopeo(
                "copy", "--src-tls-verify=false", "docker://\(server.host)/team/models:one",
                "oci:\(layout):one")
            for blob in try store.listing(of: manifest).blobs {
                let copy = layout.appending("blobs/sha256/\(blob.digest.hex)")
                #expect(Digest(of: try FileSystem.read(copy)) == blob.digest)
            }
            try await Self.skopeo(
                "copy", "--dest-tls-verify=false", "oci:\(store.root):bundle/scoring/one",
                "docker://\(server.host)/team/models:two")
            let there = try StoreFixture()
            let other = there.store
            let pulled = try await RegistryClient.with(location, options: quick()) { client in
                let artifact = try #require(try await client.artifact(tag: "two"))
                _ = try await client.pull(artifact, into: other)
                return artifact.digest
            }
            #expect(pulled == manifest)
            #expect(try other.verify(try other.artifact(manifest)).isEmpty)
        }
    }

    @Test("blobs of another repository of the registry are mounted, not sent")
    func mount() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([1 << 20, 2 << 20])
            let store = here.store
            _ = try await RegistryClient.with(
                try Self.location(server.host, "team/staging"), options: quick()
            ) { try await $0.push(manifest, tag: "one", from: store) }
            let report = try await RegistryClient.with(
                try Self.location(server.host, "team/prod"), options: quick()
            ) {
                try await $0.push(manifest, tag: "one", from: store, mounting: "team/staging")
            }
            #expect(report.mounted == 5 && report.moved == 0 && report.bytes == 0)
        }
    }

    @Test("tags are listed over many pages, none where nothing was pushed")
    func tags() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([1000])
            let store = here.store
            try await RegistryClient.with(try Self.location(server.host), options: quick()) {
                client in
                #expect(try await client.allTags() == [])
                #expect(try await client.artifact(tag: "one") == nil)
                for tag in ["a", "b", "c"] {
                    _ = try await client.push(manifest, tag: tag, from: store)
                }
                #expect(try await client.allTags().sorted() == ["a", "b", "c"])
            }
        }
    }

    @Test("verdicts attached by racing writers are all found, also where there is no referrers API")
    func attachments() async throws {
        try await RegistryServer.with { server in
            let here = try StoreFixture()
            let manifest = try here.artifact([1000])
            let store = here.store
            let location = try Self.location(server.host)
            var documents: [AssayRegistry.Attachment] = []
            for number in 0..<6 {
                let bytes = Array("verdict \(number)".utf8)
                documents.append(
                    AssayRegistry.Attachment(
                        artifactType: "application/vnd.test", mediaType: "text/plain",
                        digest: try store.put(bytes), size: bytes.count,
                        annotations: ["number": "\(number)"]))
            }
            let there = try StoreFixture()
            let other = there.store
            let all = documents
            // Writers look again after a pause, within which a busy machine has to write.
            let patient = quick(
                retry: RetryPolicy(
                    attempts: 4, base: .seconds(2), longest: .seconds(4)))
            try await RegistryClient.with(location, options: patient) { client in
                _ = try await client.push(manifest, tag: "one", from: store)
                let subject = try #require(try await client.artifact(tag: "one"))
                let counts = try await concurrentMap(all, limit: 6) {
                    (document) throws(AssayError) in
                    try await client.attach([document], to: subject, from: store)
                }
                #expect(counts == [1, 1, 1, 1, 1, 1])
                #expect(try await client.attach(all, to: subject, from: store) == 0)
                let found = try await client.attachments(
                    of: manifest, type: "application/vnd.test", into: other)
                #expect(Set(found.map(\.digest)) == Set(all.map(\.digest)))
                #expect(
                    try await client.attachments(of: manifest, type: "other", into: other).isEmpty)
            }
            for document in documents {
                #expect(try other.read(document.digest) == store.read(document.digest))
            }
        }
    }

    private static func skopeo(_ arguments: String...) async throws {
        let outcome = try await Subprocess.run(
            .name("skopeo"), arguments: Arguments(["--insecure-policy"] + arguments),
            output: .discarded, error: .string(limit: 1 << 20))
        try #require(outcome.terminationStatus.isSuccess, "\(outcome.standardError)")
    }
}
