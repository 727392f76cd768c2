import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayRegistry

@Suite("Values of the registry client")
struct RegistryValueTests {
    @Test("locations are read and written, and what is none is refused with a reason")
    func locations() throws {
        for (text, host, repository) in [
            ("oci://registry.example.com/team/models", "registry.example.com", "team/models"),
            ("oci+http://localhost:5000/a", "localhost:5000", "a"),
            ("oci://[::1]:443/a-b/c__d", "[::1]", "a-b/c__d"),
        ] {
            let location = try RegistryLocation(text)
            #expect(location.host == host && location.repository == repository)
        }
        #expect(try RegistryLocation("oci://Host/a").description == "oci://host/a")
        for text in [
            "https://host/a", "oci://host", "oci://host/", "oci:///a", "oci://host:0/a",
            "oci://host/A", "oci://host/a..b", "oci://host/-a", "oci://host/a/", "oci://ho st/a",
        ] {
            let error = #expect(throws: AssayError.self) { try RegistryLocation(text) }
            #expect(error?.code == .usage && error?.hint != nil, "\(text)")
        }
        let secret = #expect(throws: AssayError.self) {
            try RegistryLocation("oci://ada:geheim@host/a")
        }
        #expect(secret.map { "\($0)".contains("geheim") } == false)
    }

    @Test("challenges with several schemes, quotes and commas are read")
    func challenges() {
        let found = Challenge.parse(
            #"Bearer realm="https://auth.example.com/token",service="a, b",scope="repository:x:pull,push", Basic realm="say \"hi\"""#
        )
        #expect(found.map(\.scheme) == ["bearer", "basic"])
        #expect(found[0].parameters["scope"] == "repository:x:pull,push")
        #expect(found[0].parameters["service"] == "a, b")
        #expect(found[1].parameters["realm"] == "say \"hi\"")
        #expect(Challenge.parse("").isEmpty)
        #expect(Challenge.parse("Negotiate").map(\.scheme) == ["negotiate"])
    }

    @Test("waits double, keep to the longest, and follow Retry-After")
    func waits() {
        let policy = RetryPolicy(attempts: 5, base: .milliseconds(100), longest: .seconds(1))
        #expect(policy.wait(after: 1, asked: nil, jitter: 0) == .milliseconds(100))
        #expect(policy.wait(after: 3, asked: nil, jitter: 0) == .milliseconds(400))
        #expect(policy.wait(after: 3, asked: nil, jitter: 1) == .milliseconds(200))
        #expect(policy.wait(after: 60, asked: nil, jitter: 0) == .seconds(1))
        #expect(policy.wait(after: 1, asked: .milliseconds(700), jitter: 1) == .milliseconds(700))
        #expect(policy.wait(after: 1, asked: .seconds(99), jitter: 0) == .seconds(1))
        #expect(RetryPolicy.delay("7") == .seconds(7))
        #expect(RetryPolicy.delay("Wed, 21 Oct 2026 07:28:00 GMT") == nil)
        #expect([408, 429, 500, 503].allSatisfy(RetryPolicy.isTransient))
        #expect(![200, 400, 401, 404, 501].contains(where: RetryPolicy.isTransient))
    }

    @Test("names of captures survive as tags, and a tag of others is none")
    func tags() throws {
        for name in ["core", "a/b+c@d.e-f_g", "x/y/z"] {
            let tag = try RemoteTag.capture(name)
            #expect(!tag.contains { "/+@".contains($0) })
            #expect(RemoteTag.capture(of: tag) == name)
        }
        #expect(RemoteTag.capture(of: "latest") == nil)
        #expect(RemoteTag.bundle(of: "bundle-xyz") == nil)
        let id = Digest(of: [1])
        #expect(RemoteTag.bundle(of: RemoteTag.bundle(id)) == id)
        #expect(throws: AssayError.self) {
            try RemoteTag.capture(String(repeating: "a", count: 121))
        }
    }

    @Test("addresses are resolved as a Location means them")
    func addresses() throws {
        let base = try #require(WebAddress("https://host:8443/v2/a/blobs/uploads/"))
        #expect(base.resolving("/x?y=1")?.text == "https://host:8443/x?y=1")
        #expect(base.resolving("//other/x")?.text == "https://other/x")
        #expect(base.resolving("http://other:80/x")?.text == "http://other/x")
        for wrong in ["", "x", "ftp://a/b", "https://", "https://a b/", "https://u:p@a/", "/a#b"] {
            #expect(base.resolving(wrong) == nil, "\(wrong)")
        }
        #expect(base.adding("digest", "sha256:ab").path.hasSuffix("/?digest=sha256%3Aab"))
        #expect(WebAddress("http://a/x?y=1")?.adding("z", "2").path == "/x?y=1&z=2")
    }

    @Test("a body that drips is told from one that flows and from one that is at its end")
    func stalls() {
        let start = ContinuousClock.now
        var guarding = StallGuard(span: .seconds(30), slowest: 1000, now: start)
        var found: [Bool] = []
        for (count, second) in [(10, 29), (10, 31), (5000, 62)] {
            found.append(guarding.isTooSlow(after: count, now: start + .seconds(second)))
        }
        #expect(found == [false, true, false])
    }

    @Test("the words of a registry are shortened, and its digests found")
    func faults() {
        let digest = Digest(of: [7])
        let fault = RegistryFault(
            parsing: Array(
                #"{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown\n","detail":{"Digest":"\#(digest)"}}]}"#
                    .utf8))
        #expect(fault.codes == ["MANIFEST_BLOB_UNKNOWN"] && fault.digests == [digest])
        #expect(!fault.message.contains("\n"))
        #expect(RegistryFault(parsing: Array("<html>".utf8)).message.isEmpty)
    }
}

@Suite("Files of credentials")
struct CredentialFilesTests {
    @Test("the most special entry counts; helpers are asked; what is not there is no error")
    func lookUp() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-credentials-")
        let path = directory.path
        func write(_ name: String, _ text: String) throws {
            try FileSystem.replace(path.appending(name), with: Array(text.utf8), mode: 0o755)
        }
        func packed(_ text: String) -> String { Base64.encode(Array(text.utf8)) }
        try write(
            "docker-credential-test",
            """
            #!/bin/sh
            [ "$1" = get ] && read -r server || exit 1
            case $server in
                helped.example.com) echo '{"ServerURL":"x","Username":"kim","Secret":"s3"}' ;;
                token.example.com) echo '{"ServerURL":"x","Username":"<token>","Secret":"t4"}' ;;
                *) echo "credentials not found in native keychain"; exit 1 ;;
            esac

            """)
        try write(
            "config.json",
            """
            {"auths":{
              "a.example.com":{"auth":"\(packed("ada:one"))"},
              "a.example.com/team":{"auth":"\(packed("bob:two:x"))"},
              "https://index.docker.io/v1/":{"username":"eve","password":"hub"},
              "i.example.com":{"identitytoken":"id5"},
              "broken.example.com":{"auth":"***"}},
             "credHelpers":{"helped.example.com":"test","token.example.com":"test",
               "none.example.com":"test","gone.example.com":"missing"}}
            """)
        let files = CredentialFiles(
            environment: [
                "DOCKER_CONFIG": path.string, "HOME": path.string, "PATH": "\(path):/usr/bin:/bin",
            ], user: 4_000_000)
        func find(_ host: String, _ repository: String = "x") async throws -> Credential.Kind? {
            try await files.credential(host: host, repository: repository)?.kind
        }
        #expect(try await find("a.example.com") == .password(user: "ada", password: "one"))
        #expect(
            try await find("a.example.com", "team/models")
                == .password(user: "bob", password: "two:x"))
        #expect(try await find("docker.io") == .password(user: "eve", password: "hub"))
        #expect(try await find("i.example.com") == .identityToken("id5"))
        #expect(try await find("helped.example.com") == .password(user: "kim", password: "s3"))
        #expect(try await find("token.example.com") == .identityToken("t4"))
        #expect(try await find("none.example.com") == nil)
        #expect(try await find("unknown.example.com") == nil)
        let broken = await #expect(throws: AssayError.self) { try await find("broken.example.com") }
        #expect(broken.map { "\($0)".contains("***") } == false)
        let gone = await #expect(throws: AssayError.self) { try await find("gone.example.com") }
        #expect(gone?.code == .missingTool)

        try write("config.json", #"{"auths": {"a": {"auth": "c2VjcmV0"#)
        let torn = await #expect(throws: AssayError.self) { try await find("a.example.com") }
        #expect(torn.map { "\($0)".contains("c2VjcmV0") } == false)
    }

    @Test("a credential prints nothing of itself")
    func silence() {
        let secret = Credential(kind: .password(user: "ada", password: "geheim"))
        #expect(!"\(secret)".contains("geheim"))
        #expect(!String(reflecting: secret).contains("geheim"))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("geheim"))
    }
}
