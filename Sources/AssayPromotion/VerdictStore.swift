public import AssayCore
public import AssayGit

/// The verdicts of a repository: files in the commits of `refs/assay/verdicts`.
///
/// Path: `<service>/<64 hex of the bundle>/<stage>/<time>-<16 hex>.json`. Nothing is rewritten.
public struct VerdictStore {
    /// The reference that holds them.
    public static let reference = "refs/assay/verdicts"

    private let repository: Repository

    /// Works in a repository.
    public init(repository: Repository) {
        self.repository = repository
    }

    /// Keeps a verdict and gives its path. A race with another writer is retried on the new state.
    @discardableResult
    public func add(_ verdict: Verdict, by author: Signature) throws(AssayError) -> String {
        let path = try Self.path(of: verdict)
        try AppendOnlyReference(name: Self.reference, repository: repository).append(by: author) {
            (_) throws(AssayError) in
            (
                files: [path: verdict.bytes],
                message: "\(verdict.service): \(verdict.decision) for \(verdict.stage), bundle "
                    + verdict.bundle.short
            )
        }
        return path
    }

    /// The verdicts on a bundle for a stage, newest first.
    ///
    /// Throws, with its path, if one of them is damaged: a verdict that cannot be read is not passed
    /// over in silence.
    public func verdicts(
        service: String, bundle: Digest, stage: String
    ) throws(AssayError) -> [(path: String, verdict: Verdict)] {
        guard let head = try repository.reference(Self.reference) else { return [] }
        let directory = "\(service)/\(bundle.hex)/\(stage)/"
        var found: [(path: String, verdict: Verdict)] = []
        for file in try repository.files(at: head) where file.path.hasPrefix(directory) {
            let name = "verdict \(file.path) of \(Self.reference)"
            let verdict = try Verdict(
                parsing: try repository.contents(of: file.oid, limit: 64 << 20), name: name)
            guard verdict.bundle == bundle, verdict.stage == stage, verdict.service == service
            else {
                throw AssayError(
                    .damaged, "\(name) speaks of another bundle, stage or service than its path",
                    hint: "see who wrote it with `git log \(Self.reference) -- \(file.path)`")
            }
            found.append((file.path, verdict))
        }
        return found.sorted { ($0.verdict.time, $0.path) > ($1.verdict.time, $1.path) }
    }

    private static func path(of verdict: Verdict) throws(AssayError) -> String {
        try PathPart.check(verdict.service, "the service's name")
        try PathPart.check(verdict.stage, "the stage's name")
        return "\(verdict.service)/\(verdict.bundle.hex)/\(verdict.stage)/"
            + "\(verdict.time)-\(verdict.digest.hex.prefix(16)).json"
    }
}
