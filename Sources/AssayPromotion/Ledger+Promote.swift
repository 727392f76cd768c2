public import AssayCore
public import AssayGit

/// What came of asking for a promotion.
public enum PromotionOutcome: Hashable, Sendable {
    /// The stage has the bundle now.
    case promoted(LedgerEntry)
    /// It had it already; nothing was written.
    case already(LedgerEntry)
    /// It may not have it, for these reasons, each a sentence.
    case refused([String])
}

/// A wish to promote a bundle.
public struct PromotionRequest: Sendable {
    /// The service, the bundle, the manifest it travels as, and the stage.
    public let service: String, bundle: Digest, manifest: Digest, stage: String
    /// The stage that the bundle must have been promoted to before; `nil` for any.
    public let from: String?
    /// The digest of the policy that the verdict must have been judged by.
    public let policy: Digest
    /// The git commit it comes from, and why it is promoted.
    public let commit: String?, reason: String?

    /// Makes a request.
    public init(
        service: String, bundle: Digest, manifest: Digest, stage: String, from: String?,
        policy: Digest, commit: String?, reason: String?
    ) {
        self.service = service
        self.bundle = bundle
        self.manifest = manifest
        self.stage = stage
        self.from = from
        self.policy = policy
        self.commit = commit
        self.reason = reason
    }
}

extension Ledger {
    /// Promotes a bundle if a passing verdict for it, the stage and the policy is there, and the
    /// bundle was in the stage before. The first bundle of a service may enter any stage.
    ///
    /// A race with another writer is retried on the new state, and never lost.
    public func promote(
        _ request: PromotionRequest, by author: Signature
    ) throws(AssayError) -> PromotionOutcome {
        var outcome = PromotionOutcome.refused([])
        let verdicts = VerdictStore(repository: repository)
        let standing = try Verification(verdicts: verdicts).standing(
            service: request.service, bundle: request.bundle, stage: request.stage,
            policy: request.policy)
        guard case .good(let path, let verdict) = standing else {
            return .refused([standing.sentence])
        }
        try AppendOnlyReference(name: Self.reference, repository: repository).append(by: author) {
            (head) throws(AssayError) in
            let current = try head.flatMap { (commit) throws(AssayError) in
                try entry(service: request.service, stage: request.stage, at: commit)
            }
            if let current, current.bundle == request.bundle {
                outcome = .already(current)
                return nil
            }
            if let refusal = try missingStage(request) {
                outcome = .refused([refusal])
                return nil
            }
            let new = LedgerEntry(
                kind: .promotion, service: request.service, stage: request.stage,
                bundle: request.bundle, manifest: request.manifest, previous: current?.bundle,
                verdict: path, verdictDigest: verdict.digest, commit: request.commit,
                reason: request.reason, sequence: (current?.sequence ?? 0) + 1, time: author.time,
                by: "\(author.name) <\(author.email)>")
            outcome = .promoted(new)
            return (
                files: [
                    "\(request.service)/stages/\(request.stage).json": CanonicalJSON.encode(
                        new.document)
                ],
                message: "\(request.service): promote \(request.bundle.short) to \(request.stage)"
            )
        }
        return outcome
    }

    private func missingStage(_ request: PromotionRequest) throws(AssayError) -> String? {
        guard let from = request.from, from != "any" else { return nil }
        let history = try log(service: request.service)
        if history.isEmpty { return nil }
        let wasThere = history.contains { $0.stage == from && $0.bundle == request.bundle }
        return wasThere
            ? nil
            : "bundle \(request.bundle.short) was never in \(from), and \(request.stage) takes only what "
                + "was; gate and promote it to \(from) first"
    }
}
