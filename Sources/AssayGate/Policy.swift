public import AssayCore
public import AssayEvidence

/// The gate's rules: `gate.yaml`, typed. `parse` reads one; the judge applies it.
public struct Policy: Hashable, Sendable {
    /// The grammar's name, the `schema` of every policy.
    public static let schema = "assay/gate/v1"

    /// SHA-256 of the file's bytes, which goes into every judgement.
    public var digest: Digest
    /// The file as the person named it.
    public var source: String
    /// How answers are compared, for identity, response and known bugs.
    public var comparisonRules: ComparisonRules
    /// Which bundle is the baseline, and what happens without one.
    public var baseline: Baseline
    /// The captures that checks name, in the order of the file.
    public var captures: [CaptureRule]
    /// Confidence and resampling.
    public var statistics: StatisticsRule
    /// The checks in the order of the file.
    public var checks: [Check]
    /// The stages in the order of the file.
    public var stages: [Stage]
    /// How the gate may be passed in an emergency; carried, not applied by the judge.
    public var breakGlass: BreakGlass?
    /// The git refs that hooks protect; carried, not applied by the judge.
    public var protectedRefs: [String]

    /// The capture of that name, as checks write it in `on`.
    public func capture(named name: String) -> CaptureRule? {
        captures.first { $0.name == name }
    }

    /// The check of that id.
    public func check(named id: String) -> Check? { checks.first { $0.id == id } }

    /// The stage of that name; throws `.notFound` with the nearest.
    public func stage(named name: String) throws(AssayError) -> Stage {
        if let stage = stages.first(where: { $0.name == name }) { return stage }
        let names = stages.map(\.name)
        let nearest = Suggestion.nearest(to: name, among: names)
        throw AssayError(
            .notFound, "\(source) has no stage `\(name)`",
            hint: nearest.map { "did you mean `\($0)`?" }
                ?? "stages: \(names.joined(separator: ", "))")
    }

    /// The checks that a stage runs, in the order of the file.
    public func checks(of stage: Stage) -> [Check] {
        guard let wanted = stage.checks else { return checks }
        return checks.filter { wanted.contains($0.id) }
    }

    /// The captures whose evidence a stage's checks need, in the order of the file.
    public func captures(of stage: Stage) -> [CaptureRule] {
        let wanted = Set(checks(of: stage).compactMap(\.capture))
        return captures.filter { wanted.contains($0.name) }
    }
}

extension Policy {
    /// `baseline`: the promoted bundle to compare with.
    public struct Baseline: Hashable, Sendable {
        /// What names it, as in `stage/prod`; `nil` leaves it to the caller.
        public var resolve: String?
        /// What happens when there is none.
        public var ifMissing: IfMissing

        /// What happens without a baseline.
        public enum IfMissing: String, Hashable, Sendable, CaseIterable {
            /// The candidate is compared with production's recorded answers.
            case firstRun = "first_run"
            /// The candidate is blocked.
            case block
        }
    }

    /// One entry of `captures`.
    public struct CaptureRule: Hashable, Sendable {
        /// The name that checks write in `on`.
        public var name: String
        /// The ref in the store, as in `capture/core`.
        public var ref: String
        /// The capture's id, where the policy pins it; another one is not accepted.
        public var id: Digest?
        /// Requests that the capture must have for its checks to be decided.
        public var minimumRequests: Int?
        /// The capture's greatest age, in nanoseconds; applied by promote and verify.
        public var maximumAge: Int64?
        /// The share of replayed exchanges that may have made an egress call no recording
        /// answers; above it the verdict is hold.
        public var maximumUnmatched: Double
        /// The line it stands on.
        public var line: Int
    }

    /// `stats`.
    public struct StatisticsRule: Hashable, Sendable {
        /// The two-sided confidence, as in 0.95.
        public var confidence: Double
        /// The replicates of every bootstrap, and the seed of its generator.
        public var replicates: Int, seed: UInt64
    }

    /// `break_glass`.
    public struct BreakGlass: Hashable, Sendable {
        /// What a person must give: `reason`, `ticket`.
        public var requires: [String]
        /// How long it holds, in nanoseconds.
        public var expires: Int64?
        /// The checks that it never skips.
        public var neverSkips: [String]
    }
}
