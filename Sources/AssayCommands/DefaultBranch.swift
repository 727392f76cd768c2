import AssayCore
import AssayGit

/// The branch that a repository's work ends on, as far as git tells, and whether it is protected.
struct DefaultBranch {
    /// Its full name, as `refs/heads/trunk`.
    let reference: String
    /// The remote that says so; `nil` if it is only the branch that is checked out.
    let remote: String?
    /// Whether other branches are protected here.
    let othersAreProtected: Bool

    /// Finds a default branch that is not protected; `nil` if it is, or if there is none to be seen.
    ///
    /// A remote's own word counts first (`refs/remotes/NAME/HEAD`, which a clone brings). Without one
    /// it is the branch that is checked out, unless a protected branch is known.
    init?(unprotectedIn repository: Repository) throws(AssayError) {
        let protected = try ProtectedReferences(repository)
        var known = try protected.localBranches(in: repository)
        for remote in try repository.remotes() {
            known += try protected.trackedBranches(of: remote, in: repository)
        }
        othersAreProtected = !known.isEmpty
        for remote in try repository.remotes() {
            let prefix = "refs/remotes/\(remote)/"
            guard let target = try repository.symbolicTarget(of: prefix + "HEAD"),
                target.hasPrefix(prefix)
            else { continue }
            reference = "refs/heads/" + target.dropFirst(prefix.count)
            guard !protected.matches(reference) else { return nil }
            self.remote = remote
            return
        }
        guard known.isEmpty, let head = try repository.symbolicTarget(of: "HEAD"),
            head.hasPrefix("refs/heads/"), !protected.matches(head)
        else { return nil }
        reference = head
        remote = nil
    }

    /// The command that protects it.
    var command: String { "git config --add \(ProtectedReferences.setting) \(reference)" }

    /// A sentence on it.
    var sentence: String {
        remote.map { "\(reference), the default branch of \($0), is not protected" }
            ?? "\(reference) is not protected, and neither main nor master is here"
    }
}
