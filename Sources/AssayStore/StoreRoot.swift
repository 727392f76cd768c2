public import AssayCore

/// Where a walk through the store begins: something that has to stay.
public struct StoreRoot: Hashable, Sendable {
    /// Why it has to stay.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A ref names it.
        case ref
        /// A running process works with it.
        case lease
        /// It was promoted once.
        case promotion
    }

    /// Why it has to stay.
    public let kind: Kind
    /// What it is to people: a ref's name, or what else leads there.
    public let name: String
    /// The blob.
    public let digest: Digest
    /// Whether the store is hurt without it.
    public let isRequired: Bool

    /// Makes a root.
    public init(_ kind: Kind, name: String, digest: Digest, isRequired: Bool = true) {
        self.kind = kind
        self.name = name
        self.digest = digest
        self.isRequired = isRequired
    }
}
