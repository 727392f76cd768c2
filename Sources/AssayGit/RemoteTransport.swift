import AssayCore
import CLibgit2

/// How a git remote is reached, as its address says it.
enum RemoteTransport: Hashable, Sendable {
    /// A directory of this machine.
    case local
    case ssh, https, http, git
    /// A scheme that libgit2 does not know.
    case other(String)

    init(address: String) {
        guard Repository.localPath(address) == nil else {
            self = .local
            return
        }
        let scheme = address.prefix { $0 != ":" }.lowercased()
        guard address.dropFirst(scheme.utf8.count).hasPrefix("://") else {
            // `host:path`
            self = .ssh
            return
        }
        switch scheme {
        case "ssh", "ssh+git", "git+ssh": self = .ssh
        case "https": self = .https
        case "http": self = .http
        case "git": self = .git
        default: self = .other(scheme)
        }
    }

    /// What the libgit2 of this program was built with: bits of `git_feature_t`.
    static var features: UInt32 { UInt32(bitPattern: git_libgit2_features()) }

    /// Throws `.unsupported` if a libgit2 with these features cannot reach a remote.
    func require(_ features: UInt32, remote name: String) throws(AssayError) {
        let kind: String
        switch self {
        case .ssh where features & GIT_FEATURE_SSH.rawValue == 0: kind = "ssh"
        case .https where features & GIT_FEATURE_HTTPS.rawValue == 0: kind = "https"
        case .other(let scheme): kind = scheme
        default: return
        }
        throw AssayError(
            .unsupported,
            "the git remote \(name) is reached over \(kind), which the libgit2 of this machine does not speak",
            hint:
                "share them with git itself: `git push \(name) refs/assay/ledger refs/assay/verdicts` "
                + "and `git fetch \(name)`")
    }
}
