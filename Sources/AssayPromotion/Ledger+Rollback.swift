public import AssayCore
public import AssayGit

extension Ledger {
    /// Gives a stage back the last bundle that it had before the present one, or a named one.
    ///
    /// Needs no verdict: the bundle was promoted with one. A bundle that the stage was rolled back from
    /// is refused until it is promoted again: a rollback is no way around the gate. The change is a new entry; the bundle that
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
            let past = StagePast(newestFirst: history)
            let name = "\(stage) of \(service)"
            let target: LedgerEntry
            if let bundle {
                guard bundle != current.bundle, let wanted = past.promotion(of: bundle) else {
                    outcome = .refused([
                        bundle == current.bundle
                            ? "\(name) has bundle \(bundle.short) now"
                            : "bundle \(bundle.short) was never promoted to \(name)"
                    ])
                    return nil
                }
                guard !past.wasTakenBack(wanted) else {
                    outcome = .refused([
                        "\(name) was rolled back from bundle \(bundle.short), so only a promotion "
                            + "brings it back; gate and promote it again"
                    ])
                    return nil
                }
                target = wanted
            } else {
                guard let last = past.before(current) else {
                    outcome = .refused(["no earlier bundle was promoted to \(name)"])
                    return nil
                }
                target = last
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
