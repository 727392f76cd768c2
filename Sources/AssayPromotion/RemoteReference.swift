public import AssayCore
public import AssayGit

/// A reference of Assay and what a fetch brought of it, under `refs/assay/remotes/<remote>/`.
public struct RemoteReference {
    /// The reference here, such as `refs/assay/ledger`.
    public let name: String
    /// The remote.
    public let remote: String

    let repository: Repository

    /// Names the reference and the remote.
    public init(name: String, remote: String, repository: Repository) {
        self.name = name
        self.remote = remote
        self.repository = repository
    }

    /// What came of following the remote.
    public enum Outcome: Hashable, Sendable {
        /// The reference here has all that the remote had; nothing was changed.
        case current
        /// The reference here was moved forward to what the remote had.
        case followed
        /// Both have what the other has not; nothing was changed.
        case diverged
    }

    /// Where a fetch leaves what the remote has.
    public var trackingName: String {
        "refs/assay/remotes/\(remote)/" + name.dropFirst("refs/assay/".count)
    }

    /// Moves the reference forward to what was fetched, if that loses nothing that is here.
    ///
    /// A race with another writer is decided on the new state.
    public func follow() throws(AssayError) -> Outcome {
        var lost: AssayError?
        for _ in 0..<AppendOnlyReference.attempts {
            guard let theirs = try repository.reference(trackingName) else { return .current }
            let ours = try repository.reference(name)
            if let ours {
                if try repository.isAncestor(theirs, of: ours) { return .current }
                guard try repository.isAncestor(ours, of: theirs) else { return .diverged }
            }
            do throws(AssayError) {
                try repository.updateReference(
                    name, to: theirs, expecting: ours, message: "assay: follow \(remote)")
                return .followed
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
