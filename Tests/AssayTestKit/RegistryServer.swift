import AssayCore
import AssaySystem
import Glibc
import Subprocess
public import SystemPackage

/// A registry of its own for a test: Debian's `docker-registry`, on loopback, with an empty storage.
public struct RegistryServer: Sendable {
    /// How it lets people in.
    public enum Access: Sendable {
        case everybody
        /// A file of users and bcrypt hashes.
        case users
        /// Tokens of this service, signed with the key of this certificate.
        case tokens(realm: String, certificate: FilePath)
    }

    /// Where it listens.
    public let port: Int
    /// Where it keeps its files.
    public let storage: FilePath
    /// Host and port.
    public var host: String { "127.0.0.1:\(port)" }

    /// The user and the password of `Access.users`.
    public static let user = "ada", password = "let-me-in"
    private static let users = "ada:$2b$04$8uCDGwkp1K9qDP8bKlTKuu5erbQXboHg5EoIfavpodfLkuzJgBxay\n"

    /// Runs a registry while `body` does; `certificate` and `key` make it speak TLS.
    public static func with<R: Sendable>(
        _ access: Access = .everybody, certificate: FilePath? = nil, key: FilePath? = nil,
        _ body: @Sendable (RegistryServer) async throws -> R
    ) async throws -> R {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-registry-")
        let server = RegistryServer(
            port: try freePort(), storage: directory.path.appending("data"))
        var text = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(server.storage)}, delete: {enabled: true}}
            http:
              addr: "\(server.host)"

            """
        if let certificate, let key {
            text += "  tls: {certificate: \(certificate), key: \(key)}\n"
        }
        switch access {
        case .everybody: break
        case .users:
            let users = directory.path.appending("users")
            try FileSystem.replace(users, with: Array(Self.users.utf8))
            text += "auth: {htpasswd: {realm: test, path: \(users)}}\n"
        case .tokens(let realm, let certificate):
            text += "auth:\n  token: {realm: \"\(realm)\", service: test, issuer: test, "
            text += "rootcertbundle: \(certificate)}\n"
        }
        let file = directory.path.appending("config.yml")
        try FileSystem.replace(file, with: Array(text.utf8))
        let errors = directory.path.appending("errors")
        let log = try FileDescriptor.open(
            errors, .writeOnly, options: [.create], permissions: [.ownerReadWrite])
        let outcome = try await Subprocess.run(
            .name("docker-registry"), arguments: ["serve", file.string], input: .none,
            output: .fileDescriptor(log, closeAfterSpawningProcess: false),
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            let result: Result<R, any Error>
            do {
                try await server.waitUntilReady(log: errors)
                result = .success(try await body(server))
            } catch { result = .failure(error) }
            try execution.send(signal: .kill)
            return result
        }
        _ = consume directory
        return try outcome.closureResult.get()
    }

    private func waitUntilReady(log: FilePath) async throws {
        do { try await Self.wait(for: port) } catch {
            let errors = String(decoding: try FileSystem.read(log), as: UTF8.self)
            throw AssayError(.missingTool, "docker-registry did not start: \(errors)")
        }
    }

    /// Waits until somebody listens on a port of loopback, for at most two minutes.
    public static func wait(for port: Int) async throws {
        for _ in 0..<6000 {
            if connects(to: port) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw AssayError(.network, "nobody listens on port \(port)")
    }

    private static func connects(to port: Int) -> Bool {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// A port on loopback that nobody listens on.
    public static func freePort() throws -> Int {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard status else { throw AssayError(.io, "could not find a free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
