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
    /// The git commit that the policy was read at; `nil` for one of the work tree.
    public let policyCommit: String?
    /// The greatest age of the verdict in seconds; `nil` for any.
    public let maximumAge: Int64?
    /// The git commit it comes from, and why it is promoted.
    public let commit: String?, reason: String?

    /// Makes a request.
    public init(
        service: String, bundle: Digest, manifest: Digest, stage: String, from: String?,
        policy: Digest, policyCommit: String?, maximumAge: Int64?, commit: String?, reason: String?
    ) {
        self.service = service
        self.bundle = bundle
        self.manifest = manifest
        self.stage = stage
        self.from = from
        self.policy = policy
        self.policyCommit = policyCommit
        self.maximumAge = maximumAge
        self.commit = commit
        self.reason = reason
    }
}

extension Ledger {
    /// Promotes a bundle if a passing verdict for it, the stage and the policy is there, not older
    /// than allowed at the author's time, and the bundle was in the stage before and not rolled back
    /// from it since. The first bundle of a service may enter any stage.
    ///
    /// What the stage has already is promoted anew only if its entry does not stand for a pass any
    /// more: by another policy, say, or on a verdict that has grown too old.
    ///
    /// A race with another writer is retried on the new state, and never lost.
    public func promote(
        _ request: PromotionRequest, by author: Signature
    ) throws(AssayError) -> PromotionOutcome {
        var outcome = PromotionOutcome.refused([])
        let verdicts = VerdictStore(repository: repository)
        let standing = try Verification(verdicts: verdicts).standing(
            service: request.service, bundle: request.bundle, stage: request.stage,
            policy: request.policy, maximumAge: request.maximumAge, now: author.time)
        guard case .good(let path, let verdict) = standing else {
            return .refused([standing.sentence])
        }
        try AppendOnlyReference(name: Self.reference, repository: repository).append(by: author) {
            (head) throws(AssayError) in
            let current = try head.flatMap { (commit) throws(AssayError) in
                try entry(service: request.service, stage: request.stage, at: commit)
            }
            if let current, current.bundle == request.bundle {
                if try stands(current, for: request, at: author.time) {
                    outcome = .already(current)
                    return nil
                }
            } else if let refusal = try missingStage(request) {
                outcome = .refused([refusal])
                return nil
            }
            let new = LedgerEntry(
                kind: .promotion, service: request.service, stage: request.stage,
                bundle: request.bundle, manifest: request.manifest, previous: current?.bundle,
                verdict: path, verdictDigest: verdict.digest, policy: request.policy,
                policyCommit: request.policyCommit, commit: request.commit,
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

    private func stands(
        _ entry: LedgerEntry, for request: PromotionRequest, at time: Int64
    ) throws(AssayError) -> Bool {
        guard entry.policy == request.policy else { return false }
        let verification = Verification(verdicts: VerdictStore(repository: repository))
        let standing = try verification.standing(
            of: entry, policy: request.policy, maximumAge: request.maximumAge, now: time)
        if case .good = standing { return true }
        return false
    }

    private func missingStage(_ request: PromotionRequest) throws(AssayError) -> String? {
        guard let from = request.from, from != "any" else { return nil }
        let history = try log(service: request.service)
        if history.isEmpty { return nil }
        // What was done last with the bundle in that stage decides.
        let last = history.first {
            $0.stage == from
                && ($0.bundle == request.bundle
                    || $0.kind == .rollback && $0.previous == request.bundle)
        }
        let name = "bundle \(request.bundle.short)"
        switch last {
        case .some(let entry) where entry.bundle == request.bundle: return nil
        case .some:
            return
                "\(name) was rolled back from \(from), and \(request.stage) takes only what stayed "
                + "there; promote it to \(from) again first"
        case .none:
            return
                "\(name) was never in \(from), and \(request.stage) takes only what was; gate and "
                + "promote it to \(from) first"
        }
    }
}
