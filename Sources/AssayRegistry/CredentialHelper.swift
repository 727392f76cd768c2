import AssayCore
import Subprocess
import SystemPackage

/// A program `docker-credential-NAME` that keeps credentials, asked by docker's protocol.
struct CredentialHelper: Sendable {
    let name: String
    let environment: [String: String]

    /// Asks for the credential of a server; `nil` if the helper has none.
    ///
    /// The server's name goes to its stdin and the secret comes from its stdout, so that neither is
    /// in the list of processes. What it prints is never quoted.
    func credential(for server: String) async throws(AssayError) -> Credential? {
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
        }
        guard isPlain, !name.isEmpty else {
            throw AssayError(
                .invalidDocument, "a credential helper has a name that is no program's")
        }
        let program = "docker-credential-\(name)"
        let variables = Dictionary(
            environment.map { (Subprocess.Environment.Key(stringLiteral: $0), $1) },
            uniquingKeysWith: { first, _ in first })
        let status: TerminationStatus
        let text: String
        do {
            let result = try await Subprocess.run(
                .name(program), arguments: ["get"], environment: .custom(variables),
                input: .string(server + "\n"), output: .string(limit: 1 << 20), error: .discarded)
            status = result.terminationStatus
            text = result.standardOutput
        } catch {
            throw AssayError(
                .missingTool, "could not run the credential helper \(program) for \(server)",
                hint: "install it, or sign in again with `skopeo login \(server)`")
        }
        guard status.isSuccess else {
            if text.contains("credentials not found") { return nil }
            throw AssayError(
                .subprocess,
                "the credential helper \(program) gave nothing for \(server): \(status)",
                hint: "try it with `echo \(server) | \(program) get`")
        }
        // What the parser says of it is dropped: it could quote a secret.
        guard let value = try? JSONParser.parse(Array(text.utf8), file: program) else {
            throw AssayError(
                .invalidDocument, "the credential helper \(program) did not answer with JSON")
        }
        let root = JSONReader(value, document: program)
        let user = try root["Username"].string()
        let secret = try root["Secret"].string()
        return user == "<token>"
            ? Credential(kind: .identityToken(secret))
            : Credential(kind: .password(user: user, password: secret))
    }
}
