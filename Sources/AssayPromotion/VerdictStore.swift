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

    /// The verdicts on a bundle for a stage, the last that was added first.
    ///
    /// The commits of the reference give the order, not the times that verdicts say of themselves.
    /// Throws, with its path, if one of them is damaged: a verdict that cannot be read is not passed
    /// over in silence. Costs, where there are two or more, a look at one directory for each commit
    /// of the reference down to the oldest of them.
    public func verdicts(
        service: String, bundle: Digest, stage: String
    ) throws(AssayError) -> [(path: String, verdict: Verdict)] {
        guard let head = try repository.reference(Self.reference) else { return [] }
        let directory = "\(service)/\(bundle.hex)/\(stage)"
        let files = try repository.files(at: head, under: directory)
        var found: [(path: String, verdict: Verdict)] = []
        for file in try newestFirst(files, under: directory, at: head) {
            let verdict = try read(file)
            guard verdict.bundle == bundle, verdict.stage == stage, verdict.service == service
            else {
                throw Self.damaged(
                    file.path, "speaks of another bundle, stage or service than its path")
            }
            found.append((file.path, verdict))
        }
        return found
    }

    private func read(_ file: TreeFile) throws(AssayError) -> Verdict {
        let bytes = try repository.contents(of: file.oid, limit: 64 << 20)
        let verdict = try Verdict(
            parsing: bytes, name: "verdict \(file.path) of \(Self.reference)")
        guard verdict.bytes == bytes, try Self.path(of: verdict) == file.path else {
            throw Self.damaged(file.path, "is not what its path says")
        }
        return verdict
    }

    /// Sorts files of a directory by the commits that brought them, the last first.
    private func newestFirst(
        _ files: [TreeFile], under directory: String, at head: CommitID
    ) throws(AssayError) -> [TreeFile] {
        guard files.count > 1 else { return files }
        var waiting = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) })
        var ordered: [TreeFile] = []
        for commit in try repository.commits(from: nil, to: head) {
            var before: Set<TreeFile> = []
            for parent in try repository.info(commit).parents {
                before.formUnion(try repository.files(at: parent, under: directory))
            }
            let added = try repository.files(at: commit, under: directory).filter {
                !before.contains($0) && waiting[$0.path] == $0
            }
            // One commit brings one verdict; should it bring more, their paths decide.
            for file in added.reversed() {
                waiting[file.path] = nil
                ordered.append(file)
            }
            if waiting.isEmpty { break }
        }
        return ordered
    }

    private static func damaged(_ path: String, _ what: String) -> AssayError {
        AssayError(
            .damaged, "verdict \(path) of \(reference) \(what)",
            hint: "see who wrote it with `git log \(reference) -- \(path)`")
    }

    private static func path(of verdict: Verdict) throws(AssayError) -> String {
        try PathPart.check(verdict.service, "the service's name")
        try PathPart.check(verdict.stage, "the stage's name")
        return "\(verdict.service)/\(verdict.bundle.hex)/\(verdict.stage)/"
            + "\(verdict.time)-\(verdict.digest.hex.prefix(16)).json"
    }
}
