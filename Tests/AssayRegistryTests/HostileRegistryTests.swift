import AssayCore
import AssayStore
import AssaySystem
import AssayTestKit
import NIOHTTP1
import Synchronization
import SystemPackage
import Testing

@testable import AssayRegistry

/// What a registry may say that a client must not believe.
@Suite("A registry that means no good")
struct HostileRegistryTests {
    private static func client<R: Sendable>(
        _ location: String, credentials: CredentialFiles? = nil,
        _ body: @Sendable (RegistryClient) async throws -> R
    ) async throws -> R {
        try await RegistryClient.with(
            try RegistryLocation(location), options: quick(credentials: credentials), body)
    }

    /// Why a client does not take a blob of these bytes from a registry; it must not keep it either.
    private static func refusal(of bytes: [UInt8], from host: String) async throws -> AssayError? {
        let here = try StoreFixture()
        let store = here.store
        let blob = Layer(mediaType: "a/b", digest: Digest(of: bytes), size: bytes.count)
        let error = await #expect(throws: AssayError.self) {
            try await client("oci+http://\(host)/team/models") {
                try await $0.getBlob(blob, into: store)
            }
        }
        #expect(try !store.has(blob))
        return error
    }

    private static func manifest(_ sizes: [Int]) -> [UInt8] {
        let layers = sizes.enumerated().map { index, size in
            #"{"mediaType":"a/b","digest":"\#(Digest(of: [UInt8(index)]))","size":\#(size)}"#
        }
        return Array(
            (#"{"schemaVersion":2,"mediaType":"\#(MediaType.manifest)","#
                + #""config":{"mediaType":"a/b","digest":"\#(Digest(of: [99]))","size":1},"#
                + #""layers":[\#(layers.joined(separator: ","))]}"#).utf8)
    }

    @Test("sizes whose sum is no number are refused, and those that are allowed can be added")
    func sizes() throws {
        let error = #expect(throws: AssayError.self) {
            try ArtifactManifest(parsing: Self.manifest([.max, .max]), name: "theirs")
        }
        #expect(error?.code == .invalidDocument)
        #expect(error?.message.contains("size") == true)
        let large = try ArtifactManifest(
            parsing: Self.manifest(Array(repeating: 1 << 50, count: 90)), name: "theirs")
        let last = Mutex(0)
        TransferCounter(large.blobs) { _, total in last.withLock { $0 = total } }.add(1)
        #expect(last.withLock { $0 } == 90 << 50 + 1)
    }

    @Test("no credential is used for a registry without TLS, whoever gives out its tokens")
    func plain() async throws {
        let asked = Mutex(0)
        try await ScriptedHTTPServer.with(
            answer: { _ in
                asked.withLock { $0 += 1 }
                return .init(200, body: Array(#"{"token":"abc"}"#.utf8))
            },
            { service in
                let here = try StoreFixture()
                let location = try RegistryLocation("oci+http://registry.test/team/models")
                let files = try AuthenticationTests.files("registry.test", in: here.path)
                let bearer = Challenge(
                    scheme: "bearer", parameters: ["realm": "http://\(service.host)/token"])
                for challenge in [bearer, Challenge(scheme: "basic", parameters: [:])] {
                    let options = quick(credentials: files)
                    let transport = HTTPTransport(options: options)
                    let authenticator = Authenticator(
                        location: location, options: options, transport: transport)
                    let error = await #expect(throws: AssayError.self) {
                        try await authenticator.answer([challenge], scope: "s", refused: nil)
                    }
                    #expect(error?.message.contains("without TLS") == true)
                    #expect(await authenticator.header(for: "s") == nil)
                    try await transport.shutdown()
                }
                #expect(asked.withLock { $0 } == 0)
                // A token for everybody is no secret.
                let transport = HTTPTransport(options: quick())
                let anybody = Authenticator(
                    location: location, options: quick(), transport: transport)
                let header = try await anybody.answer([bearer], scope: "s", refused: nil)
                #expect(header == "Bearer abc")
                try await transport.shutdown()
            })
    }

    @Test("an upload is not led from TLS to plain HTTP")
    func downgrade() async throws {
        let seen = Mutex(0)
        try await ScriptedHTTPServer.with(
            answer: { _ in
                seen.withLock { $0 += 1 }
                return .init(201)
            },
            { elsewhere in
                let place = try #require(WebAddress("http://\(elsewhere.host)/upload"))
                let error = await #expect(throws: AssayError.self) {
                    try await Self.client("oci://registry.test/team/models") { client in
                        _ = try await client.exchange(
                            .init(method: .PUT, address: place, body: .bytes([1])), access: .push)
                    }
                }
                #expect(error?.message.contains("from TLS to plain HTTP") == true)
                #expect(seen.withLock { $0 } == 0)
            })
    }

    @Test("a list does not go on at another host")
    func links() async throws {
        let seen = Mutex(0)
        try await ScriptedHTTPServer.with(
            answer: { _ in
                seen.withLock { $0 += 1 }
                return .init(200, body: Array(#"{"tags":["b"]}"#.utf8))
            },
            { elsewhere in
                try await ScriptedHTTPServer.with(
                    answer: { _ in
                        .init(
                            200,
                            headers: ["Link": "<http://\(elsewhere.host)/v2/x>; rel=\"next\""],
                            body: Array(#"{"tags":["a"]}"#.utf8))
                    },
                    { server in
                        let error = await #expect(throws: AssayError.self) {
                            try await Self.client("oci+http://\(server.host)/team/models") {
                                try await $0.allTags()
                            }
                        }
                        #expect(error?.message.contains(elsewhere.host) == true)
                        #expect(seen.withLock { $0 } == 0)
                    })
            })
    }

    @Test("a list has an end, and so has a document about an artifact")
    func bounds() async throws {
        // A page that is asked for again, as one that came too slowly, is one page.
        let pages = Mutex<Set<String>>([])
        let subject = Digest(of: [7])
        let referrer = Self.manifest([65 << 20])
        try await ScriptedHTTPServer.with(
            answer: { request in
                if request.path.contains("/referrers/") {
                    let entry =
                        #"{"mediaType":"\#(MediaType.manifest)","digest":"\#(Digest(of: referrer))","#
                        + #""size":\#(referrer.count),"artifactType":"t"}"#
                    return .init(200, body: Array(#"{"manifests":[\#(entry)]}"#.utf8))
                }
                if request.path.contains("/manifests/") { return .init(200, body: referrer) }
                guard request.path.contains("/tags/") else { return .init(500) }
                let page = pages.withLock { pages in
                    pages.insert(request.path)
                    return pages.count
                }
                let space = [UInt8](repeating: 0x20, count: 15 << 20)
                return .init(
                    200, headers: ["Link": "</v2/team/models/tags/list?p=\(page)>; rel=\"next\""],
                    body: Array(#"{"tags":["a"]}"#.utf8) + space)
            },
            { server in
                let here = try StoreFixture()
                let store = here.store
                let location = "oci+http://\(server.host)/team/models"
                let error = await #expect(throws: AssayError.self) {
                    try await Self.client(location) { try await $0.allTags() }
                }
                #expect(error?.code == .limit)
                #expect(pages.withLock { $0.count } == 5)
                let other = await #expect(throws: AssayError.self) {
                    try await Self.client(location) {
                        try await $0.attachments(of: subject, type: "t", into: store)
                    }
                }
                #expect(other?.code == .limit)
            })
    }

    @Test("more bytes than a blob has are other bytes, and told as that")
    func oversize() async throws {
        let bytes = StoreFixture.noise(100_000, seed: 3)
        try await ScriptedHTTPServer.with(
            answer: { _ in .init(200, body: bytes + [1]) },
            { server in
                let error = try await Self.refusal(of: bytes, from: server.host)
                #expect(error?.code == .digestMismatch)
                #expect(error?.message.contains("sends more than") == true)
            })
    }

    @Test("progress that always ends in other bytes comes to an end", .timeLimit(.minutes(10)))
    func restarts() async throws {
        let bytes = StoreFixture.noise(300_000, seed: 4)
        let asked = Mutex(0)
        try await ScriptedHTTPServer.with(
            answer: { request in
                asked.withLock { $0 += 1 }
                guard let range = request.headers.first(name: "Range"),
                    let start = Int(range.dropFirst(6).dropLast())
                else {
                    var cut = ScriptedHTTPServer.Reply(200, body: bytes)
                    cut.cutAfter = 200_000
                    return cut
                }
                var rest = Array(bytes[start...])
                rest[0] ^= 1
                return .init(
                    206,
                    headers: ["Content-Range": "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
                    body: rest)
            },
            { server in
                let error = try await Self.refusal(of: bytes, from: server.host)
                #expect(error?.code == .digestMismatch)
                // How much of a cut answer arrives before the cut, and so how often it is asked for, is the
                // network's to say.
                #expect(error?.message.hasSuffix(", 4 times") == true, "\(error?.message ?? "")")
                #expect(asked.withLock { $0 } <= 40)
            })
    }

    @Test("a password in an address of any scheme is not repeated")
    func passwords() {
        for text in ["https://ada:let-me-in@host/x", "ada:let-me-in@host", "oci://a:let-me-in@h/x"]
        {
            let error = #expect(throws: AssayError.self) { try RegistryLocation(text) }
            #expect(error?.code == .usage)
            #expect(error.map { "\($0)".contains("let-me-in") } == false)
        }
    }

    @Test(
        "a repository that the account may not read is no reason not to push",
        arguments: [true, false])
    func neighbour(refuses: Bool) async throws {
        let keys = try await SigningKey.make()
        try await ScriptedHTTPServer.with(
            answer: { request in
                // Either nothing for the whole wish, or a token for the part that is allowed.
                if refuses, request.path.contains("secret") { return .init(401) }
                let token = try await keys.token(repository: "team/models")
                return .init(200, body: Array(#"{"token":"\#(token)"}"#.utf8))
            },
            { service in
                let access = RegistryServer.Access.tokens(
                    realm: "http://\(service.host)/token", certificate: keys.certificate)
                try await RegistryServer.with(access) { server in
                    let here = try StoreFixture()
                    let manifest = try here.artifact([1 << 20, 500])
                    let store = here.store
                    let files = try AuthenticationTests.files(server.host, in: here.path)
                    let report = try await Self.client(
                        "oci+http://\(server.host)/team/models", credentials: files
                    ) {
                        try await $0.push(
                            manifest, tag: "one", from: store, mounting: "secret/models")
                    }
                    #expect(report.moved == 5 && report.mounted == 0)
                }
            })
        withExtendedLifetime(keys) {}
    }
}
