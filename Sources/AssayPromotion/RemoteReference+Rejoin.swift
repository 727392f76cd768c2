public import AssayCore
import AssayGit

extension RemoteReference {
    /// What was done where both sides grew.
    public struct Rejoined: Hashable, Sendable {
        /// The messages of the commits that were only here, oldest first; they stand on top of the
        /// remote's now.
        public let moved: [String]
    }

    /// Puts the commits that are only here on top of what was fetched, with their authors and messages.
    ///
    /// Throws `.conflict`, and changes nothing, if one of them changes a file that the remote has in
    /// another state than it was made on: two people decided about one stage, and a person has to say
    /// whose decision stands.
    public func rejoin() throws(AssayError) -> Rejoined {
        guard let theirs = try repository.reference(trackingName),
            let ours = try repository.reference(name)
        else { return Rejoined(moved: []) }
        var head = theirs
        var moved: [String] = []
        for commit in try repository.commits(from: theirs, to: ours).reversed() {
            let info = try repository.info(commit)
            let before = try blobs(info.parents.first)
            let now = try blobs(head)
            var files: [String: [UInt8]] = [:]
            for (path, blob) in try blobs(commit) where before[path] != blob {
                if now[path] == blob { continue }
                guard now[path] == before[path] else {
                    throw try conflict(path, info, ours: ours, theirs: theirs)
                }
                files[path] = try repository.contents(of: blob, limit: 64 << 20)
            }
            if files.isEmpty { continue }
            head = try repository.writeCommit(
                files: files, onto: head, message: info.message, author: info.author)
            moved.append(info.summary)
        }
        try repository.updateReference(
            name, to: head, expecting: ours, message: "assay: rejoin \(remote)")
        return Rejoined(moved: moved)
    }

    private func blobs(_ commit: CommitID?) throws(AssayError) -> [String: BlobID] {
        guard let commit else { return [:] }
        return Dictionary(
            try repository.files(at: commit).map { ($0.path, $0.oid) },
            uniquingKeysWith: { $1 })
    }

    private func conflict(
        _ path: String, _ info: CommitInfo, ours: CommitID, theirs: CommitID
    ) throws(AssayError) -> AssayError {
        var other = "somebody else"
        for commit in try repository.commits(from: ours, to: theirs) {
            let change = try repository.info(commit)
            guard try blobs(commit)[path] != blobs(change.parents.first)[path] else { continue }
            other = "\(change.author.name) (\(change.summary))"
            break
        }
        return AssayError(
            .conflict,
            "\(path) of \(name) was changed here by \(info.author.name) (\(info.summary)) and on \(remote) "
                + "by \(other), both on the same state",
            hint:
                "take theirs with `git update-ref \(name) \(trackingName)`, look at it with `assay log`, "
                + "and promote again if yours should stand")
    }
}
