public import AssayCore
public import AssayGit

/// The commits between the code of two bundles.
public struct CodeHistory: Sendable {
    /// The commits that the new bundle's commit has and the old one's has not, newest first.
    public let added: [CommitInfo]
    /// Those that the old one's has and the new one's has not: the new one was not built on them.
    public let removed: [CommitInfo]
    /// Why history is not known, or not whole; `nil` if it is.
    public let gap: String?

    /// No more commits than this are listed.
    public static let limit = 1000

    /// Finds the commits between two bundles, in the repository they were built from.
    ///
    /// A bundle that was built from several commits counts by the last one that the repository
    /// knows. Costs a walk over the commits in between.
    public init(_ old: Bundle, _ new: Bundle, repository: Repository) throws(AssayError) {
        let before = try Self.known(old, repository)
        let after = try Self.known(new, repository)
        guard let before, let after else {
            let lost = before == nil ? old : new
            (added, removed) = ([], [])
            gap =
                lost.commits.isEmpty
                ? "bundle \(lost.id.short) was not built from a commit"
                : "this repository does not know commit \(lost.commits.last?.prefix(12) ?? ""), which bundle \(lost.id.short) was built from"
            return
        }
        do throws(AssayError) {
            let more = try Self.infos(from: before, to: after, repository)
            let fewer = try Self.infos(from: after, to: before, repository)
            (added, removed, gap) = (more, fewer, nil)
        } catch  where error.code == .notFound {
            (added, removed) = ([], [])
            gap = "history ends here, as in a shallow clone; get it with `git fetch --unshallow`"
        }
    }

    private static func known(
        _ bundle: Bundle, _ repository: Repository
    ) throws(AssayError) -> CommitID? {
        for text in bundle.commits.reversed() {
            guard let commit = CommitID(text) else { continue }
            do throws(AssayError) {
                _ = try repository.info(commit)
                return commit
            } catch  where error.code == .notFound {
                continue
            }
        }
        return nil
    }

    private static func infos(
        from: CommitID, to: CommitID, _ repository: Repository
    ) throws(AssayError) -> [CommitInfo] {
        var infos: [CommitInfo] = []
        for commit in try repository.commits(from: from, to: to, limit: limit) {
            infos.append(try repository.info(commit))
        }
        return infos
    }
}

extension CodeHistory {
    /// The commits for programs.
    public var json: JSONValue {
        let list = { (infos: [CommitInfo]) -> JSONValue in
            .array(
                infos.map {
                    [
                        "commit": JSONValue($0.id.description), "summary": JSONValue($0.summary),
                        "author": JSONValue($0.author.name),
                        "time": .integer($0.author.time),
                    ]
                })
        }
        return .object(present: [
            "added": list(added), "removed": list(removed), "gap": gap.map { JSONValue($0) },
        ])
    }
}
