public import AssayCore
public import AssayEvidence

/// The gate's rules: `gate.yaml`, typed.
public struct Policy: Hashable, Sendable {
    /// The digest of the file's bytes, which goes into every judgement.
    public let digest: Digest
    /// How answers are compared: for identity, response and known bugs alike.
    public let rules: ComparisonRules
    /// The stage whose bundle is the baseline.
    public let baselineStage: String
    /// Whether a service without a baseline may enter any stage with its first bundle.
    public let allowsFirstRun: Bool
    /// The captures that checks run on, by the name used in the file.
    public let captures: [String: CaptureRequirement]
    /// The two-sided confidence of every interval.
    public let confidence: Double
    /// The checks, in order.
    public let checks: [Check]
    /// The stages, in order.
    public let stages: [Stage]
    /// Rules that the file states and this version does not enforce, as sentences.
    public let unenforced: [String]

    /// A capture that checks run on.
    public struct CaptureRequirement: Hashable, Sendable {
        /// Its name in the store.
        public let ref: String
        /// At least this many exchanges must be replayed, unless a stage takes a sample.
        public let minimumRequests: Int?
    }

    /// A stage that bundles are promoted to.
    public struct Stage: Hashable, Sendable {
        /// Its name, and the stage that a bundle must have been in; `nil` for any.
        public let name: String, from: String?
        /// The checks' ids; `nil` for all.
        public let checks: [String]?
        /// What an undecided check does here; `nil` leaves it to the check.
        public let undecided: Undecided?
        /// How many requests are replayed; `nil` for all.
        public let sample: Int?
        /// How old evidence may be when a bundle is promoted, in seconds.
        public let evidenceMaximumAge: Int?
    }

    /// What a check that could not be decided does.
    public enum Undecided: String, Hashable, Sendable, CaseIterable { case hold, warn, pass, fail }

    /// Whether a failing check blocks or only warns.
    public enum Severity: String, Hashable, Sendable, CaseIterable { case block, warn }

    /// The stage of that name; throws `.usage` with those that there are.
    public func stage(_ name: String) throws(AssayError) -> Stage {
        if let stage = stages.first(where: { $0.name == name }) { return stage }
        let names = stages.map(\.name)
        let meant = Suggestion.nearest(to: name, among: names).map { "did you mean \($0)? " } ?? ""
        throw AssayError(
            .usage, "the policy has no stage \(name)",
            hint: meant + "it has \(names.joined(separator: ", "))")
    }

    /// The checks that run for a stage.
    public func checks(for stage: Stage) -> [Check] {
        guard let ids = stage.checks else { return checks }
        return checks.filter { ids.contains($0.id) }
    }
}
