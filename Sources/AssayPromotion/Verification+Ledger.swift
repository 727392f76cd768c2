public import AssayCore

extension Verification {
    /// A stage to ask for, and the greatest age in seconds of its verdicts; `nil` for any.
    public struct AgedStage: Hashable, Sendable {
        /// The stage's name.
        public let name: String
        /// The greatest age in seconds.
        public let maximumAge: Int64?

        /// Makes one.
        public init(name: String, maximumAge: Int64?) {
            self.name = name
            self.maximumAge = maximumAge
        }
    }

    /// Looks up whether a bundle may enter a stage, by a verdict of the stage or by its promotion to
    /// that stage or one beyond it.
    ///
    /// A promotion stands for a pass only while the stage has the bundle, and only if its entry was
    /// admitted by this very policy with a verdict that is still there, is the one that the entry
    /// names, passes, is young enough for both stages, and has no newer one beside it that does not
    /// pass. A verdict of the stage itself that does not pass is never overruled by a promotion.
    /// `beyond` are the stages that take only what was in this one.
    public func standing(
        service: String, bundle: Digest, stage: AgedStage, beyond: [AgedStage], policy: Digest,
        now: Int64, ledger: Ledger
    ) throws(AssayError) -> Standing {
        let own = try standing(
            service: service, bundle: bundle, stage: stage.name, policy: policy,
            maximumAge: stage.maximumAge, now: now)
        switch own {
        case .good, .notPassed: return own
        case .none, .otherPolicy, .tooOld, .ahead: break
        }
        let entries = try ledger.stages(of: service)
        for place in [stage] + beyond {
            guard
                let entry = entries.first(where: {
                    $0.stage == place.name && $0.bundle == bundle && $0.policy == policy
                })
            else { continue }
            let limits = [stage.maximumAge, place.maximumAge].compactMap { $0 }
            let standing = try standing(
                of: entry, policy: policy, maximumAge: limits.min(), now: now)
            if case .good = standing { return standing }
        }
        return own
    }

    /// What the verdict that an entry names is worth now.
    func standing(
        of entry: LedgerEntry, policy: Digest, maximumAge: Int64?, now: Int64
    ) throws(AssayError) -> Standing {
        let all = try verdicts.verdicts(
            service: entry.service, bundle: entry.bundle, stage: entry.stage
        ).filter { $0.verdict.policy == policy }
        guard let newest = all.first,
            let found = all.first(where: {
                $0.path == entry.verdict && $0.verdict.digest == entry.verdictDigest
            })
        else { return .none(bundle: entry.bundle, stage: entry.stage) }
        guard newest.verdict.decision == "pass" else { return .notPassed(newest.verdict) }
        guard found.verdict.decision == "pass" else { return .notPassed(found.verdict) }
        return Self.timely(found.path, found.verdict, maximumAge: maximumAge, now: now)
    }
}
