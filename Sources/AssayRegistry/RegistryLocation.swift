public import AssayCore

/// A repository in a registry: `oci://host[:port]/path`, or `oci+http://…` without TLS.
public struct RegistryLocation: Hashable, Sendable, CustomStringConvertible {
    let base: WebAddress
    /// The repository, such as `team/models`.
    public let repository: String

    /// Host and port, as in messages and in files of credentials.
    public var host: String { base.authority }

    /// Reads a location. Throws `.usage`, saying what is wrong with it.
    public init(_ text: String) throws(AssayError) {
        guard !text.contains("@") else {
            // The text is not repeated: it may hold a password.
            throw AssayError(
                .usage, "a location of a registry must not hold a user, a password or a digest",
                hint: "sign in with `skopeo login` or `docker login`; their files are read")
        }
        let schemes = [("oci://", true), ("oci+http://", false)]
        guard let (scheme, isSecure) = schemes.first(where: { text.hasPrefix($0.0) }) else {
            throw Self.error(text, "it does not begin with oci://")
        }
        let rest = text.dropFirst(scheme.utf8.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let (host, port) = WebAddress.split(authority: rest[..<slash]) else {
            throw Self.error(text, "`\(rest[..<slash])` is no host with or without a port")
        }
        repository = String(rest[slash...].dropFirst())
        guard Self.isRepository(repository) else {
            throw Self.error(
                text,
                "`\(repository)` is no repository: lower-case letters and digits with "
                    + "single ._- between them, parts joined by /")
        }
        base = WebAddress(isSecure: isSecure, host: host, port: port, path: "/v2/")
    }

    public var description: String {
        "\(base.isSecure ? "oci" : "oci+http")://\(base.authority)/\(repository)"
    }

    /// The address of something in the repository.
    func address(_ path: String) -> WebAddress {
        WebAddress(
            isSecure: base.isSecure, host: base.host, port: base.port,
            path: "/v2/\(repository)/\(path)")
    }

    /// Whether a name follows the grammar of the distribution specification.
    static func isRepository(_ name: String) -> Bool {
        guard name.utf8.count <= 255 else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            var separator = ""
            var isInside = false
            for character in part {
                if character.isASCII, character.isLowercase || character.isNumber {
                    guard
                        ["", ".", "_", "__"].contains(separator)
                            || separator.allSatisfy({ $0 == "-" })
                    else { return false }
                    separator = ""
                    isInside = true
                } else {
                    guard isInside, "._-".contains(character) else { return false }
                    separator.append(character)
                }
            }
            return isInside && separator.isEmpty
        }
    }

    private static func error(_ text: String, _ reason: String) -> AssayError {
        AssayError(
            .usage, "could not use `\(text)` as a registry: \(reason)",
            hint: "write oci://HOST[:PORT]/PATH, or oci+http://… for a registry without TLS")
    }
}
