public import AssayCore
public import AssayGit

/// The append-only record of promotions: commits on `refs/assay/ledger`.
///
/// The tree of each commit holds `<service>/stages/<stage>.json`, the state of all stages; history is
/// the chain of commits. Nothing is rewritten.
public struct Ledger {
    /// The reference that holds it.
    public static let reference = "refs/assay/ledger"

    let repository: Repository

    /// Works in a repository.
    public init(repository: Repository) {
        self.repository = repository
    }

    /// What a stage has now; `nil` if nothing was ever promoted to it.
    public func current(service: String, stage: String) throws(AssayError) -> LedgerEntry? {
        guard let head = try repository.reference(Self.reference) else { return nil }
        return try entry(service: service, stage: stage, at: head)
    }

    /// What all stages of a service have, sorted by stage.
    public func stages(of service: String) throws(AssayError) -> [LedgerEntry] {
        guard let head = try repository.reference(Self.reference) else { return [] }
        let directory = "\(service)/stages"
        var found: [LedgerEntry] = []
        for file in try repository.files(at: head, under: directory) {
            let stage = file.path.dropFirst(directory.utf8.count + 1).dropLast(".json".utf8.count)
            if let entry = try entry(service: service, stage: String(stage), at: head) {
                found.append(entry)
            }
        }
        return found
    }

    /// Every change of a service's stages, newest first.
    ///
    /// Costs a read of the stages' files for each commit of the ledger.
    public func log(service: String) throws(AssayError) -> [LedgerEntry] {
        guard let head = try repository.reference(Self.reference) else { return [] }
        var entries: [LedgerEntry] = []
        for commit in try repository.commits(from: nil, to: head) {
            let parent = try repository.info(commit).parents.first
            let before =
                try parent.map { (id) throws(AssayError) in try stageFiles(service, at: id) } ?? [:]
            for (path, blob) in try stageFiles(service, at: commit).sorted(by: { $0.key < $1.key })
            where before[path] != blob {
                entries.append(
                    try LedgerEntry(
                        parsing: try repository.contents(of: blob, limit: 1 << 20),
                        name: "\(path) at ledger commit \(commit.short)"))
            }
        }
        return entries
    }

    /// The bundle that a stage had at a time, in seconds since 1970.
    public func bundle(service: String, stage: String, at time: Int64) throws(AssayError) -> Digest?
    {
        try log(service: service).first { $0.stage == stage && $0.time <= time }?.bundle
    }

    func entry(service: String, stage: String, at commit: CommitID) throws(AssayError)
        -> LedgerEntry?
    {
        try PathPart.check(service, "the service's name")
        try PathPart.check(stage, "the stage's name")
        let path = "\(service)/stages/\(stage).json"
        guard let bytes = try repository.file(path, at: commit, limit: 1 << 20) else { return nil }
        let name = "\(path) of \(Self.reference)"
        let entry = try LedgerEntry(parsing: bytes, name: name)
        guard entry.service == service, entry.stage == stage else {
            throw AssayError(.damaged, "\(name) speaks of another service or stage")
        }
        return entry
    }

    private func stageFiles(_ service: String, at commit: CommitID) throws(AssayError) -> [String:
        BlobID]
    {
        var found: [String: BlobID] = [:]
        for file in try repository.files(at: commit, under: "\(service)/stages") {
            found[file.path] = file.oid
        }
        return found
    }
}
