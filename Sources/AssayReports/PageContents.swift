public import AssayCore
public import AssayEvidence
public import AssayGate

/// What a report in one file shows: a judgement, where there is one, and the evidence.
public struct PageContents: Sendable {
    /// The title, as in `verdict 1a2b3c4d5e6f of flight-delay`.
    public var title: String
    /// Who made it, when, by which policy: a line each.
    public var about: [String]
    /// The judgement, if the report is of a verdict.
    public var judgement: Judgement?
    /// The evidence, in the order of the policy's captures.
    public var parts: [Part]

    /// Makes contents.
    public init(title: String, about: [String], judgement: Judgement?, parts: [Part]) {
        self.title = title
        self.about = about
        self.judgement = judgement
        self.parts = parts
    }

    /// Evidence with what its rows and examples say.
    public struct Part: Sendable {
        /// The evidence and its digest.
        public var evidence: Evidence, digest: Digest
        /// The groups that are shown, and how many more there are.
        public var groups: [GroupDetail], hidden: Int
        /// Answers side by side, those of the heaviest groups first.
        public var examples: [AnswerPair]

        /// Makes a part.
        public init(
            evidence: Evidence, digest: Digest, groups: [GroupDetail], hidden: Int,
            examples: [AnswerPair]
        ) {
            self.evidence = evidence
            self.digest = digest
            self.groups = groups
            self.hidden = hidden
            self.examples = examples
        }
    }
}
