public import AssayCore
public import AssayGit

extension Ledger {
    /// Gives a stage back the last bundle that it had before the present one, or a named earlier one.
    ///
    /// Needs no verdict: the bundle was promoted with one. The change is a new entry; the bundle that
    /// is left stays in the record.
    public func rollback(
        service: String, stage: String, to bundle: Digest?, reason: String?, by author: Signature
    ) throws(AssayError) -> PromotionOutcome {
        var outcome = PromotionOutcome.refused([])
        try AppendOnlyReference(name: Self.reference, repository: repository).append(by: author) {
            (head) throws(AssayError) in
            let history = try log(service: service).filter { $0.stage == stage }
            guard let current = history.first else {
                outcome = .refused(["nothing was ever promoted to \(stage) of \(service)"])
                return nil
            }
            let promoted = history.filter { $0.kind == .promotion && $0.bundle != current.bundle }
            // Only a rollback after a promotion takes that promotion back.
            func isLeftBehind(_ entry: LedgerEntry) -> Bool {
                history.contains {
                    $0.kind == .rollback && $0.previous == entry.bundle
                        && $0.sequence > entry.sequence
                }
            }
            let target =
                bundle.map { wanted in promoted.first { $0.bundle == wanted } }
                ?? promoted.first { !isLeftBehind($0) }
            guard let target else {
                let what = bundle.map { "bundle \($0.short) was never" } ?? "no earlier bundle was"
                outcome = .refused(["\(what) promoted to \(stage) of \(service)"])
                return nil
            }
            let new = LedgerEntry(
                kind: .rollback, service: service, stage: stage, bundle: target.bundle,
                manifest: target.manifest, previous: current.bundle, verdict: target.verdict,
                verdictDigest: target.verdictDigest, policy: target.policy,
                policyCommit: target.policyCommit, commit: target.commit, reason: reason,
                sequence: current.sequence + 1, time: author.time,
                by: "\(author.name) <\(author.email)>")
            outcome = .promoted(new)
            return (
                files: ["\(service)/stages/\(stage).json": CanonicalJSON.encode(new.document)],
                message: "\(service): roll \(stage) back to \(target.bundle.short)"
            )
        }
        return outcome
    }
}
