import AssayCore
import AssayGit

/// A reference that only grows: each change is a commit on top of the last.
struct AppendOnlyReference {
    let name: String
    let repository: Repository

    /// How often a lost race is retried before it is given up.
    static let attempts = 64

    /// Writes one commit; `change` sees the state it builds on, and is asked again after a race.
    ///
    /// Gives the new commit, or `nil` if `change` gave nothing to write.
    @discardableResult
    func append(
        by author: Signature,
        _ change: (CommitID?) throws(AssayError) -> (files: [String: [UInt8]], message: String)?
    ) throws(AssayError) -> CommitID? {
        var lost: AssayError?
        for _ in 0..<Self.attempts {
            let head = try repository.reference(name)
            guard let next = try change(head) else { return nil }
            let commit = try repository.writeCommit(
                files: next.files, onto: head, message: next.message, author: author)
            do throws(AssayError) {
                try repository.updateReference(
                    name, to: commit, expecting: head, message: "assay: \(next.message)")
                return commit
            } catch {
                guard error.code == .conflict else { throw error }
                lost = error
            }
        }
        throw AssayError(
            .conflict, "\(name) is being changed by others all the time", hint: "try again",
            cause: lost)
    }
}
