public import AssayCore

/// Looks up whether a bundle may enter a stage. Denies unless a good verdict is there.
public struct Verification {
    let verdicts: VerdictStore

    /// Looks in these verdicts.
    public init(verdicts: VerdictStore) {
        self.verdicts = verdicts
    }

    /// What was found.
    public enum Standing: Hashable, Sendable {
        /// A passing verdict for that bundle, stage and policy, and its path.
        case good(path: String, verdict: Verdict)
        /// No verdict for that bundle and stage.
        case none(bundle: Digest, stage: String)
        /// Verdicts, but by another policy.
        case otherPolicy(Verdict)
        /// The newest verdict by this policy does not pass.
        case notPassed(Verdict)
        /// A passing verdict, but older than allowed.
        case tooOld(Verdict, age: Int64, limit: Int64)
        /// A passing verdict whose time is still to come, by so many seconds.
        case ahead(Verdict, by: Int64)
        /// A passing verdict, but the baseline's stage has another bundle by now than it compared
        /// with; `nil` stands for no bundle.
        case movedBaseline(Verdict, compared: Digest?, stage: String, present: Digest?)

        /// What was found, in a sentence.
        public var sentence: String {
            switch self {
            case .good(_, let verdict):
                "bundle \(verdict.bundle.short) passed the gate to \(verdict.stage)"
            case .none(let bundle, let stage): "bundle \(bundle.short) has no verdict for \(stage)"
            case .otherPolicy(let verdict):
                "bundle \(verdict.bundle.short) has a verdict for \(verdict.stage), but by another policy than "
                    + "the one in force"
            case .notPassed(let verdict): verdict.headline
            case .tooOld(let verdict, let age, let limit):
                "the verdict on bundle \(verdict.bundle.short) for \(verdict.stage) is \(age / 86_400) days "
                    + "old, at most \(limit / 86_400) are allowed"
            case .ahead(let verdict, let seconds):
                "the verdict on bundle \(verdict.bundle.short) for \(verdict.stage) says that it was made "
                    + "\(seconds / 60) minutes from now; set the clock right and gate again"
            case .movedBaseline(let verdict, let compared, let stage, let present):
                "the verdict compared bundle \(verdict.bundle.short) with "
                    + "\(compared?.short ?? "no baseline"), and \(stage) has "
                    + "\(present?.short ?? "none") now; gate it to \(verdict.stage) again"
            }
        }
    }

    /// How far the clock of another machine may be ahead, in seconds.
    public static let clockTolerance: Int64 = 300

    /// The newest verdict by the policy decides. `policy` `nil` takes any policy; ages are seconds,
    /// `now` is seconds since 1970.
    ///
    /// The commits say which is the newest, but an older pass that was only on one machine comes on
    /// top of what others judged meanwhile. So a pass does not count beside a verdict by the same
    /// policy that was made after it and does not pass.
    public func standing(
        service: String, bundle: Digest, stage: String, policy: Digest?, maximumAge: Int64?,
        now: Int64
    ) throws(AssayError) -> Standing {
        let all = try verdicts.verdicts(service: service, bundle: bundle, stage: stage)
        guard let newest = all.first else { return .none(bundle: bundle, stage: stage) }
        guard let found = all.first(where: { policy == nil || $0.verdict.policy == policy }) else {
            return .otherPolicy(newest.verdict)
        }
        guard found.verdict.decision == "pass" else { return .notPassed(found.verdict) }
        let objection = all.first {
            $0.verdict.policy == found.verdict.policy && $0.verdict.decision != "pass"
                && $0.verdict.time > found.verdict.time
                // A clock that is far ahead would object for ever.
                && $0.verdict.time <= now + Self.clockTolerance
        }
        if let objection { return .notPassed(objection.verdict) }
        return Self.timely(found.path, found.verdict, maximumAge: maximumAge, now: now)
    }

    /// What a passing verdict is worth at a time.
    static func timely(
        _ path: String, _ verdict: Verdict, maximumAge: Int64?, now: Int64
    ) -> Standing {
        let age = now - verdict.time
        if age < -clockTolerance { return .ahead(verdict, by: -age) }
        if let maximumAge, age > maximumAge {
            return .tooOld(verdict, age: age, limit: maximumAge)
        }
        return .good(path: path, verdict: verdict)
    }
}
