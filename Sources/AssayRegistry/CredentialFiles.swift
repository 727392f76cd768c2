import AssayCore
import AssaySystem
import SystemPackage

/// Finds credentials where `skopeo login`, `podman login` and `docker login` leave them.
///
/// Files, first to last: `$REGISTRY_AUTH_FILE` alone if it is set; otherwise
/// `$XDG_RUNTIME_DIR/containers/auth.json`, `$XDG_CONFIG_HOME/containers/auth.json` (by default
/// beneath `~/.config`) and `$DOCKER_CONFIG/config.json` (by default in `~/.docker`). Formats:
/// containers-auth.json(5) and docker's `config.json`, with credential helpers.
public struct CredentialFiles: Sendable {
    /// The files, first to last; those that are not there are passed over.
    let paths: [FilePath]
    private let environment: [String: String]

    /// Names the files by the environment of a process.
    public init(environment: [String: String], user: UInt32) {
        self.environment = environment
        func value(_ name: String) -> FilePath? {
            environment[name].flatMap { $0.isEmpty ? nil : FilePath($0) }
        }
        if let given = value("REGISTRY_AUTH_FILE") {
            paths = [given]
            return
        }
        let home = value("HOME")
        let runtime = value("XDG_RUNTIME_DIR") ?? FilePath("/run/user/\(user)")
        let config = value("XDG_CONFIG_HOME") ?? home?.appending(".config")
        let docker = value("DOCKER_CONFIG") ?? home?.appending(".docker")
        paths = [
            runtime.appending("containers/auth.json"),
            FilePath("/run/containers/\(user)/auth.json"),
            config?.appending("containers/auth.json"), docker?.appending("config.json"),
        ].compactMap { $0 }
    }

    /// The credential for a repository of a host; `nil` if no file has one.
    ///
    /// Throws `.invalidDocument` for a file that cannot be read, which is named but never quoted, and
    /// `.subprocess` if a credential helper fails.
    func credential(host: String, repository: String) async throws(AssayError) -> Credential? {
        for path in paths where FileSystem.exists(path) {
            let file = try Self.read(path)
            if let found = try await find(host: host, repository: repository, in: file, path) {
                return found
            }
        }
        return nil
    }

    private static func read(_ path: FilePath) throws(AssayError) -> JSONReader {
        do throws(AssayError) {
            let bytes = try FileSystem.read(path, limit: 1 << 22)
            return JSONReader(try JSONParser.parse(bytes, file: path.string), document: path.string)
        } catch {
            // The parser's message may quote the text, and the text holds secrets.
            if error.code == .io { throw error }
            throw AssayError(
                .invalidDocument, "the file of credentials \(path) is not a JSON document",
                hint: "move it away and sign in again with `skopeo login` or `docker login`")
        }
    }

    private func find(
        host: String, repository: String, in file: JSONReader, _ path: FilePath
    ) async throws(AssayError) -> Credential? {
        let names = Self.names(host: host, repository: repository)
        let server = names[names.count - 1]
        if let helper = try file["credHelpers"][host].ifPresent?.string() {
            return try await helped(helper, server: host)
        }
        let auths = file["auths"]
        for name in names {
            guard let entry = auths[name].ifPresent else { continue }
            if let found = try Self.credential(entry, path) { return found }
        }
        if let helper = try file["credsStore"].ifPresent?.string(), !helper.isEmpty {
            return try await helped(helper, server: Self.isDockerHub(host) ? server : host)
        }
        return nil
    }

    private func helped(_ name: String, server: String) async throws(AssayError) -> Credential? {
        try await CredentialHelper(name: name, environment: environment).credential(for: server)
    }

    /// The keys that may hold a credential, the most special first.
    static func names(host: String, repository: String) -> [String] {
        var names: [String] = []
        var parts = repository.split(separator: "/")
        while !parts.isEmpty {
            names.append("\(host)/\(parts.joined(separator: "/"))")
            parts.removeLast()
        }
        names += [host, "https://\(host)", "https://\(host)/v1/", "https://\(host)/v2/"]
        if isDockerHub(host) { names += ["docker.io", "https://index.docker.io/v1/"] }
        return names
    }

    static func isDockerHub(_ host: String) -> Bool {
        ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(host)
    }

    private static func credential(
        _ entry: JSONReader, _ path: FilePath
    ) throws(AssayError) -> Credential? {
        if let token = try entry["identitytoken"].ifPresent?.string(), !token.isEmpty {
            return Credential(kind: .identityToken(token))
        }
        if let packed = try entry["auth"].ifPresent?.string(), !packed.isEmpty {
            guard let bytes = Base64.decode(packed),
                let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
            else {
                throw AssayError(
                    .invalidDocument,
                    "\(path): \(entry.pointer)/auth is not the Base64 of a user and a password",
                    hint: "sign in again with `skopeo login` or `docker login`")
            }
            let user = String(decoding: bytes[..<colon], as: UTF8.self)
            // Docker pads what it writes with zero bytes.
            let password = bytes[(colon + 1)...].filter { $0 != 0 }
            return Credential(
                kind: .password(user: user, password: String(decoding: password, as: UTF8.self)))
        }
        if let user = try entry["username"].ifPresent?.string(),
            let password = try entry["password"].ifPresent?.string()
        {
            return Credential(kind: .password(user: user, password: password))
        }
        return nil
    }
}
