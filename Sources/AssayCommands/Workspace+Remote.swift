import AssayCore
import AssayGit
import AssayPromotion

extension Workspace {
    /// The remote that this clone shares policy, ledger and verdicts with: `origin`, or the only one.
    var remote: String? {
        get throws(AssayError) {
            let remotes = try repository.remotes()
            if remotes.contains("origin") { return "origin" }
            return remotes.count == 1 ? remotes[0] : nil
        }
    }

    /// Takes over what was fetched of the ledger and the verdicts, and tells where both sides grew.
    func followRemote(_ output: Output) throws(AssayError) {
        guard let remote = try remote else { return }
        for name in [Ledger.reference, VerdictStore.reference] {
            let following = RemoteReference(name: name, remote: remote, repository: repository)
            guard case .diverged = try following.follow() else { continue }
            output.warning(
                "\(name) here and the one fetched from \(remote) have both grown, so what \(remote) has "
                    + "is not seen")
            output.complaint("Next: `assay pull --only git`, which puts ours on top of theirs")
        }
    }
}
