public import AssayCore
import AssaySystem
import SystemPackage

/// What of the caller's environment the tools that build an environment may see.
///
/// Package indexes, proxies, certificates and caches are passed through; everything else, secrets
/// of the service among it, is not.
public enum ToolEnvironment {
    /// The environment this process was started with.
    public static func current() throws(AssayError) -> [String: String] {
        var variables: [String: String] = [:]
        for assignment in try FileSystem.read("/proc/self/environ").split(separator: 0) {
            guard let mark = assignment.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: assignment[..<mark], as: UTF8.self)
            variables[name] = String(decoding: assignment[(mark + 1)...], as: UTF8.self)
        }
        return variables
    }

    private static let passed: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "NETRC",
        "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "PYENV_ROOT", "PYENV_VERSION",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
        "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    ]

    /// Settings of pip that would install something else, or somewhere else, than the lock says.
    private static let refused: Set<String> = [
        "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIREMENT", "PIP_CONSTRAINT",
        "PIP_BUILD_CONSTRAINT", "PIP_EDITABLE", "PIP_NO_DEPS", "PIP_DRY_RUN", "PIP_PYTHON",
        "PIP_PRE", "PIP_NO_BINARY", "PIP_ONLY_BINARY", "PIP_IGNORE_INSTALLED", "PIP_REPORT",
        "PIP_SRC", "PIP_REQUIRE_HASHES", "PIP_PLATFORM", "PIP_ABI", "PIP_IMPLEMENTATION",
        "PIP_PYTHON_VERSION",
    ]

    /// The part of `variables` that the tools may see.
    static func forTools(_ variables: [String: String]) -> [String: String] {
        var kept = variables.filter { name, _ in
            passed.contains(name) || (name.hasPrefix("PIP_") && !refused.contains(name))
        }
        if kept["PATH"] == nil { kept["PATH"] = "/usr/local/bin:/usr/bin:/bin" }
        kept["PYTHONNOUSERSITE"] = "1"
        return kept
    }

    /// The part of `variables` that container runtimes may see: also where their daemon, their
    /// storage and their logins are.
    static func forRuntimes(_ variables: [String: String]) -> [String: String] {
        let own = variables.filter { name, _ in
            ["DOCKER_", "CONTAINER", "PODMAN_"].contains { name.hasPrefix($0) }
                || [
                    "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "REGISTRY_AUTH_FILE", "STORAGE_DRIVER",
                    "DBUS_SESSION_BUS_ADDRESS",
                ].contains(name)
        }
        return forTools(variables).merging(own) { $1 }
    }

    /// A line of a tool's output with the user and password of every URL taken out.
    static func withoutCredentials(_ line: String) -> String {
        var result: [UInt8] = []
        let bytes = Array(line.utf8)
        let mark = Array("://".utf8)
        var position = 0
        while position < bytes.count {
            guard bytes[position...].starts(with: mark) else {
                result.append(bytes[position])
                position += 1
                continue
            }
            result += mark
            position += mark.count
            let end =
                bytes[position...].firstIndex {
                    $0 <= 0x20 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\"")
                } ?? bytes.count
            if let at = bytes[position..<end].lastIndex(of: UInt8(ascii: "@")) {
                result += "***".utf8
                position = at
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
