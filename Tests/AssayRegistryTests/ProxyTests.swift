import AssayCore
import AssayStore
import AssaySystem
import AssayTestKit
import SystemPackage
import Testing

@testable import AssayRegistry

@Suite("Proxies on the way to a registry")
struct ProxyTests {
    private func proxy(
        _ environment: [String: String], _ address: String
    ) throws -> ProxySettings.Proxy? {
        let address = try #require(WebAddress(address))
        return try ProxySettings(environment: environment).proxy(for: address)
    }

    @Test("the environment says which addresses go through which proxy")
    func environment() throws {
        let both = [
            "HTTPS_PROXY": "http://ada:p%40ss@proxy.example.com:3128/", "HTTP_PROXY": "plain:8080",
            "NO_PROXY": "near.example.com, .inner.example.com,other.example.com:8443",
        ]
        let secure = try #require(try proxy(both, "https://registry.example.com/v2/"))
        #expect(secure.host == "proxy.example.com" && secure.port == 3128)
        #expect(secure.login == .init(user: "ada", password: "p@ss"))
        #expect("\(secure)" == "proxy.example.com:3128")
        #expect(try proxy(both, "http://registry.example.com/v2/")?.host == "plain")
        for direct in [
            "https://near.example.com/", "https://a.near.example.com/",
            "https://inner.example.com/",
            "https://other.example.com:8443/", "http://localhost:5000/", "https://127.0.0.1/",
        ] {
            #expect(try proxy(both, direct) == nil, "\(direct)")
        }
        for other in ["https://xnear.example.com/", "https://other.example.com/"] {
            #expect(try proxy(both, other) != nil, "\(other)")
        }
        #expect(try proxy(["HTTPS_PROXY": "a:1", "https_proxy": "b:2"], "https://h/")?.host == "b")
        #expect(try proxy(["ALL_PROXY": "a:1"], "https://h/")?.host == "a")
        #expect(try proxy(["HTTPS_PROXY": "a:1", "NO_PROXY": "*"], "https://h/") == nil)
        #expect(try proxy(["HTTPS_PROXY": ""], "https://h/") == nil)
    }

    @Test("a proxy that cannot be used is told, and its password is not")
    func refused() throws {
        for (value, code) in [
            ("socks5://ada:geheim@proxy:1080", AssayError.Code.unsupported),
            ("https://ada:geheim@proxy", .unsupported), ("http://ada:geheim@pro xy", .usage),
        ] {
            let error = #expect(throws: AssayError.self) {
                try proxy(["HTTPS_PROXY": value], "https://registry.example.com/")
            }
            #expect(error?.code == code)
            #expect(error?.message.contains("HTTPS_PROXY") == true)
            #expect(error?.hint?.contains("NO_PROXY=registry.example.com") == true)
            #expect(error.map { "\($0) \($0.hint ?? "")".contains("geheim") } == false)
        }
    }

    @Test("TLS goes through a tunnel of the proxy, which sees the host and nothing else")
    func tunnel() async throws {
        let keys = try await SigningKey.make()
        try await RegistryServer.with(certificate: keys.certificate, key: keys.key) { server in
            try await TunnelProxy.with(to: server.port) { proxy in
                let here = try StoreFixture()
                let manifest = try here.artifact([2 << 20, 700])
                let store = here.store
                var options = quick(certificates: keys.certificate)
                options.proxies = ProxySettings(
                    environment: ["HTTPS_PROXY": "http://ada:geheim@127.0.0.1:\(proxy.port)"])
                let location = try RegistryLocation("oci://registry.test/team/models")
                let there = try StoreFixture()
                let other = there.store
                try await RegistryClient.with(location, options: options) { client in
                    _ = try await client.push(manifest, tag: "one", from: store)
                    let artifact = try #require(try await client.artifact(tag: "one"))
                    _ = try await client.pull(artifact, into: other)
                }
                #expect(try other.verify(try other.artifact(manifest)).isEmpty)
                let login = Base64.encode(Array("ada:geheim".utf8))
                #expect((1...8).contains(proxy.requests.count))
                for head in proxy.requests {
                    #expect(head.hasPrefix("CONNECT registry.test:443 HTTP/1.1\r\n"))
                    #expect(
                        head.lowercased().contains(
                            "proxy-authorization: basic \(login.lowercased())"))
                }
            }
        }
        withExtendedLifetime(keys) {}
    }

    @Test("without TLS it is a tunnel, too")
    func plain() async throws {
        try await RegistryServer.with { server in
            try await TunnelProxy.with(to: server.port) { proxy in
                var options = quick()
                options.proxies = ProxySettings(
                    environment: ["http_proxy": "127.0.0.1:\(proxy.port)"])
                let location = try RegistryLocation("oci+http://registry.test:5000/team/models")
                let tags = try await RegistryClient.with(location, options: options) {
                    try await $0.allTags()
                }
                #expect(tags == [])
                #expect(!proxy.requests.isEmpty)
                for head in proxy.requests {
                    #expect(head.hasPrefix("CONNECT registry.test:5000 HTTP/1.1\r\n"))
                }
            }
        }
    }

    @Test("a proxy that is not there, or refuses, is told by its address")
    func closed() async throws {
        let location = try RegistryLocation("oci://registry.test/team/models")
        @Sendable func failure(_ port: Int) async throws -> AssayError? {
            var options = quick()
            options.proxies = ProxySettings(environment: ["HTTPS_PROXY": "127.0.0.1:\(port)"])
            let chosen = options
            return await #expect(throws: AssayError.self) {
                try await RegistryClient.with(location, options: chosen) { try await $0.allTags() }
            }
        }
        let port = try RegistryServer.freePort()
        let absent = try await failure(port)
        #expect(
            absent?.message.contains("registry.test through the proxy 127.0.0.1:\(port)") == true)
        for (status, words) in [
            ("403 Forbidden", "refused the connection"),
            ("407 Proxy Authentication Required", "asks who is there"),
        ] {
            try await TunnelProxy.with(to: port, refusal: status) { proxy in
                let refused = try await failure(proxy.port)
                #expect(refused?.message.contains(words) == true, "\(String(describing: refused))")
                #expect(refused?.hint != nil)
            }
        }
    }
}
