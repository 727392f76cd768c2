import AssayCore
import AssayGit
import AssayReports

/// What a candidate would change in the policy, which is not in force while it is judged.
struct PolicyChange {
    /// Why nothing here has a say yet, then the patch from the policy in force to the candidate's own.
    let lines: [String]

    /// Longer patches are cut.
    private static let maximumLines = 60

    /// Compares the policy in force with the one of a commit; `nil` if they are equal, or if the one in
    /// force is of no commit.
    init?(
        of commit: CommitID, against found: PolicySource.Found, path: String,
        in repository: Repository
    ) throws(AssayError) {
        guard let inForce = found.commit, inForce != commit else { return nil }
        let before = try repository.file(path, at: inForce)
        let after = try repository.file(path, at: commit)
        guard before != after else { return nil }
        let patch = try TextPatch.unified(before, after, path: path)
            .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map { SafeText.clean(String($0)) }
        var lines = [
            after == nil
                ? "commit \(commit.short) takes \(path) away; the policy in force judges it, \(found.source):"
                : "\(path) of commit \(commit.short) is not in force, and would be after a merge. "
                    + "From \(found.source) to it:"
        ]
        lines += patch.prefix(Self.maximumLines)
        if patch.count > Self.maximumLines {
            lines.append("⋮ \(patch.count - Self.maximumLines) more lines")
        }
        self.lines = lines
    }
}
