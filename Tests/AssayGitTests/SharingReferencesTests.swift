import AssayCore
import AssaySystem
import AssayTestKit
import NIOHTTP1
import Subprocess
import Synchronization
import SystemPackage
import Testing

@testable import AssayGit

@Suite("References of remotes")
struct SharingReferencesTests {
    static let name = "refs/assay/ledger"
    static let tracking = "refs/assay/remotes/origin/ledger"

    /// Makes a clone of `address` in a directory.
    private func clone(_ address: String, at path: FilePath) async throws {
        try await Self.git(["init", "-q", path.string], in: "/")
        try await Self.git(["remote", "add", "origin", address], in: path)
    }

    /// Asks a clone's remote for the reference.
    private static func fetch(
        in path: FilePath, from name: String = "origin",
        credentials: RemoteCredentials = RemoteCredentials()
    ) throws {
        try Repository.discover(from: path).fetch(
            name, ["+\(Self.name):\(tracking)"], credentials: credentials)
    }

    private static func git(_ arguments: [String], in path: FilePath) async throws {
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(arguments), workingDirectory: path,
            output: .discarded, error: .string(limit: 1 << 16))
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
    }

    @discardableResult
    private static func add(_ file: String, to repository: Repository) throws -> CommitID {
        let head = try repository.reference(name)
        let commit = try repository.writeCommit(
            files: [file: Array(file.utf8)], onto: head, message: file,
            author: Signature(name: "Ada", email: "ada@example.com", time: 1))
        try repository.updateReference(
            name, to: commit, expecting: head, message: "test")
        return commit
    }

    /// Two clones race for one reference: the later one is refused, and nothing is lost.
    private func race(_ address: String, in directory: FilePath) async throws {
        let (first, second) = (directory.appending("first"), directory.appending("second"))
        try await clone(address, at: first)
        try await clone(address, at: second)
        try await blocking {
            try Self.race(Repository.discover(from: first), Repository.discover(from: second))
        }
    }

    private static func race(_ first: Repository, _ second: Repository) throws {
        let nobody = RemoteCredentials()
        let specification = ["+\(name):\(tracking)"]
        try first.fetch("origin", specification, credentials: nobody)
        #expect(try first.reference(tracking) == nil)
        let one = try add("one", to: first)
        try first.push(name, to: "origin", expecting: nil, credentials: nobody)
        let other = try add("other", to: second)
        let lost = #expect(throws: AssayError.self) {
            try second.push(name, to: "origin", expecting: nil, credentials: nobody)
        }
        #expect(lost?.code == .conflict, "\(String(describing: lost))")
        try second.fetch("origin", specification, credentials: nobody)
        #expect(try second.reference(tracking) == one)
        #expect(try second.reference(name) == other)
        // A second change by whoever is up to date goes through.
        let two = try add("two", to: first)
        try first.push(name, to: "origin", expecting: one, credentials: nobody)
        try second.fetch("origin", specification, credentials: nobody)
        #expect(try second.reference(tracking) == two)
        #expect(try first.references(under: "refs/assay/incoming/").isEmpty)
    }

    @Test("a push to a directory loses a race without harm")
    func directory() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        let remote = path.appending("remote.git")
        try await Self.git(["init", "-q", "--bare", remote.string], in: path)
        try await race(remote.string, in: path)
        let there = try Repository.discover(from: remote)
        #expect(try there.references(under: "refs/assay/incoming/").isEmpty)
    }

    @Test("a relative address counts from the top of the work tree, wherever the process is")
    func relative() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        try await Self.git(["init", "-q", "--bare", path.appending("remote.git").string], in: path)
        try await race("../remote.git", in: path)
        let repository = try Repository.discover(from: path.appending("first"))
        #expect(
            try repository.address(ofRemote: "origin") == path.appending("remote.git").string)
        try await Self.git(
            ["remote", "set-url", "--push", "origin", "../other.git"], in: path.appending("first"))
        let again = try Repository.discover(from: path.appending("first"))
        #expect(
            try again.address(ofRemote: "origin", pushing: true)
                == path.appending("other.git").string)
    }

    @Test("a password is shown to the host that it is for, and nobody is followed elsewhere")
    func otherHosts() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        let seen = Mutex<[String?]>([])
        let direct = Mutex(0)
        try await ScriptedHTTPServer.with(
            answer: { request in
                seen.withLock { $0.append(request.headers.first(name: "Authorization")) }
                return .init(401, headers: ["WWW-Authenticate": "Basic realm=\"x\""])
            },
            { elsewhere in
                try await ScriptedHTTPServer.with(
                    answer: { request in
                        .init(
                            302,
                            headers: [
                                "Location": "http://localhost:\(elsewhere.port)\(request.path)"
                            ])
                    },
                    { server in
                        for (index, host) in [elsewhere.host, server.host].enumerated() {
                            let here = path.appending("\(index)")
                            try await self.clone("http://\(host)/x.git", at: here)
                            let error = await #expect(throws: AssayError.self) {
                                try await blocking {
                                    try Self.fetch(
                                        in: here,
                                        credentials: RemoteCredentials(
                                            user: "ada", password: "let-me-in",
                                            for: "https://\(host)/x"))
                                }
                            }
                            #expect(error?.code == .network)
                            if index == 0 {
                                let count = seen.withLock { $0.count }
                                direct.withLock { $0 = count }
                            }
                        }
                    })
            })
        // The first asked it, without a password; the second was not led to it.
        let (all, first) = (seen.withLock { $0 }, direct.withLock { $0 })
        #expect(first > 0 && all == Array(repeating: nil, count: first))
        #expect(RemoteCredentials.origin(of: "https://ada@Host:443/x") == "host")
        #expect(RemoteCredentials.origin(of: "https://host:8443/x") == "host:8443")
        #expect(RemoteCredentials.origin(of: "http://host/x") == nil)
        #expect(RemoteCredentials(user: "a", password: "b").login == nil)
    }

    @Test("a push over git's own protocol loses a race without harm")
    func daemon() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        try await Self.git(["init", "-q", "--bare", path.appending("remote.git").string], in: path)
        let port = try RegistryServer.freePort()
        let outcome = try await Subprocess.run(
            .name("git"),
            arguments: [
                "daemon", "--reuseaddr", "--export-all", "--enable=receive-pack",
                "--listen=127.0.0.1", "--port=\(port)", "--base-path=\(path)", path.string,
            ], input: .none, output: .discarded, error: .discarded
        ) { execution in
            let result: Result<Void, any Error>
            do {
                try await RegistryServer.wait(for: port)
                result = .success(
                    try await race("git://127.0.0.1:\(port)/remote.git", in: path))
            } catch { result = .failure(error) }
            try execution.send(signal: .terminate)
            return result
        }
        try outcome.closureResult.get()
        _ = consume directory
    }

    @Test("a push over HTTP loses a race without harm")
    func smartHTTP() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        try await Self.git(["init", "-q", "--bare", path.appending("remote.git").string], in: path)
        try await ScriptedHTTPServer.with(
            answer: { try await Self.backend($0, root: path) },
            { server in
                try await race("http://\(server.host)/remote.git", in: path)
            })
        _ = consume directory
    }

    /// git's own server, by RFC 3875.
    private static func backend(
        _ request: ScriptedHTTPServer.Request, root: FilePath
    ) async throws -> ScriptedHTTPServer.Reply {
        let parts = request.path.split(separator: "?", maxSplits: 1)
        let result = try await Subprocess.run(
            .name("git"), arguments: ["http-backend"],
            environment: .inherit.updating([
                "GIT_PROJECT_ROOT": root.string, "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": request.method.rawValue, "PATH_INFO": String(parts[0]),
                "QUERY_STRING": parts.count == 2 ? String(parts[1]) : "",
                "CONTENT_TYPE": request.headers.first(name: "Content-Type") ?? "",
                "HTTP_CONTENT_ENCODING": request.headers.first(name: "Content-Encoding") ?? "",
                "REMOTE_USER": "ada", "CONTENT_LENGTH": "\(request.body.count)",
            ]), input: .array(request.body), output: .bytes(limit: 1 << 24),
            error: .discarded)
        let bytes = result.standardOutput
        let head = bytes.indices.first {
            bytes[$0...].starts(with: Array("\r\n\r\n".utf8))
        }
        let end = try #require(head)
        var reply = ScriptedHTTPServer.Reply(200, body: Array(bytes[(end + 4)...]))
        for line in String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n") {
            let pair = line.split(separator: ":", maxSplits: 1)
            let value = String(pair[1].drop { $0 == " " })
            if pair[0] == "Status" {
                reply.status = Int(value.prefix(3)) ?? 500
            } else {
                reply.headers.add(name: String(pair[0]), value: value)
            }
        }
        return reply
    }

    @Test("addresses tell how a remote is reached, and what libgit2 lacks is told in words")
    func transports() throws {
        for (address, transport) in [
            ("/srv/x.git", RemoteTransport.local), ("file:///srv/x.git", .local),
            ("../x", .local), ("git@host:x.git", .ssh), ("ssh://host/x", .ssh),
            ("https://host/x", .https), ("http://host/x", .http), ("git://host/x", .git),
            ("hg://host/x", .other("hg")),
        ] as [(String, RemoteTransport)] {
            #expect(RemoteTransport(address: address) == transport, "\(address)")
        }
        for (transport, word) in [
            (RemoteTransport.ssh, "over ssh"), (.https, "over https"), (.other("hg"), "over hg"),
        ] {
            let error = #expect(throws: AssayError.self) {
                try transport.require(0, remote: "origin")
            }
            #expect(error?.code == .unsupported && error?.message.contains(word) == true)
            #expect(error?.hint?.contains("git push origin refs/assay/ledger") == true)
        }
        // This machine's can do both.
        try RemoteTransport.ssh.require(RemoteTransport.features, remote: "origin")
        try RemoteTransport.https.require(RemoteTransport.features, remote: "origin")
        try RemoteTransport.local.require(0, remote: "origin")
    }

    @Test("an ssh or https remote that nobody answers for is told by its name")
    func unreachable() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        let port = try RegistryServer.freePort()
        for (index, scheme) in ["ssh", "https"].enumerated() {
            let here = path.appending("\(index)")
            try await clone("\(scheme)://127.0.0.1:\(port)/x.git", at: here)
            let error = await #expect(throws: AssayError.self) {
                try await blocking { try Self.fetch(in: here) }
            }
            #expect(error?.code == .network && error?.message.contains("origin") == true)
            #expect(error?.hint?.contains("git fetch origin") == true)
        }
    }

    @Test("a remote that is not there is told by its name")
    func absent() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-remotes-")
        let path = directory.path
        let here = path.appending("here")
        try await clone("\(path)/nowhere.git", at: here)
        for name in ["origin", "upstream"] {
            let error = #expect(throws: AssayError.self) { try Self.fetch(in: here, from: name) }
            #expect(error?.message.contains("git remote \(name)") == true)
            #expect(error?.hint != nil)
        }
    }
}
