import AssayCore
import AssayGit
import Glibc

/// The references that leave only with a passing verdict, and whose policy is in force.
///
/// They are the values of git's setting `assay.protect`, each a pattern as the `case` of a shell has
/// it: `*` stands for anything, `/` too, `?` for one character, `[…]` for one of several. Without the
/// setting they are `refs/heads/main` and `refs/heads/master`. `hooks/pre-push` reads the same.
struct ProtectedReferences {
    /// The name of git's setting.
    static let setting = "assay.protect"
    /// What is protected without the setting.
    static let defaults = ["refs/heads/main", "refs/heads/master"]

    /// The patterns, in the order of git's configuration.
    let patterns: [String]

    /// Takes patterns as they are.
    init(patterns: [String]) {
        self.patterns = patterns
    }

    /// Reads the patterns of a repository.
    init(_ repository: Repository) throws(AssayError) {
        let given = try repository.settings(Self.setting)
        patterns = given.isEmpty ? Self.defaults : given
    }

    /// Whether a full reference name such as `refs/heads/main` is protected.
    func matches(_ reference: String) -> Bool {
        patterns.contains { fnmatch($0, reference, 0) == 0 }
    }

    /// The full names of local branches that are protected, in the order of the patterns.
    func localBranches(in repository: Repository) throws(AssayError) -> [String] {
        ordered(try repository.references(under: "refs/heads/")) { $0 }
    }

    /// The full names, `refs/remotes/REMOTE/…`, of a remote's protected branches as it had them last,
    /// in the order of the patterns.
    func trackedBranches(
        of remote: String, in repository: Repository
    ) throws(AssayError) -> [String] {
        let prefix = "refs/remotes/\(remote)/"
        let found = try repository.references(under: prefix).filter { $0 != prefix + "HEAD" }
        return ordered(found) { "refs/heads/" + $0.dropFirst(prefix.count) }
    }

    private func ordered(_ names: [String], as local: (String) -> String) -> [String] {
        var result: [String] = []
        for pattern in patterns {
            for name in names
            where fnmatch(pattern, local(name), 0) == 0 && !result.contains(name) {
                result.append(name)
            }
        }
        return result
    }
}
