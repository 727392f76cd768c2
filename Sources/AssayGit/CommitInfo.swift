/// Who wrote a commit, and when.
public struct Signature: Hashable, Sendable {
    /// The name and the address.
    public let name: String, email: String
    /// Seconds since 1970.
    public let time: Int64

    /// Makes a signature.
    public init(name: String, email: String, time: Int64) {
        self.name = name
        self.email = email
        self.time = time
    }
}

/// What a commit says of itself.
public struct CommitInfo: Hashable, Sendable {
    /// The commit.
    public let id: CommitID
    /// Its parents, in order.
    public let parents: [CommitID]
    /// Who wrote it.
    public let author: Signature
    /// The whole message.
    public let message: String

    /// The first line of the message.
    public var summary: String { String(message.prefix { $0 != "\n" }) }
}
