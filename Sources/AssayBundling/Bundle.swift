public import AssayCore
public import AssayEnvironment
public import AssayStore

/// An immutable candidate: everything that decides a service's answers, by content.
public struct Bundle: Sendable {
    /// The sha256 of the config: what the bundle is, whoever built it from whichever commit.
    public let id: Digest
    /// The digest of the manifest: how the bundle is stored and travels.
    public let manifest: Digest
    /// What the bundle is.
    public let config: BundleConfig
    /// The files, by path.
    public let files: [FileEntry]
    /// The commits this content was built from, the first one first.
    public let commits: [String]
    /// Whether it was only ever built from a work tree; such a bundle cannot be promoted.
    public let isDirty: Bool

    /// The service's name.
    public var service: String { config.service }

    /// The number of bytes of all files.
    public var size: Int { files.reduce(0) { $0 + $1.size } }

    /// The file at a path; `nil` if there is none.
    public func file(at path: String) -> FileEntry? { files.first { $0.path == path } }

    /// The declared environment, with the bytes of its lock.
    ///
    /// Throws what reading the lock from the store throws.
    public func environmentSpec(store: Store) throws(AssayError) -> EnvironmentSpec {
        let section = config.environment
        var lock: [UInt8]?
        if let path = section.lock?.path {
            guard let entry = file(at: path) else {
                throw AssayError(
                    .damaged, "bundle \(id.short) of \(service) has no file \(path), its lock")
            }
            lock = try store.contents(of: entry)
        }
        return EnvironmentSpec(
            kind: section.kind, python: section.python, lock: lock,
            lockFile: section.lock?.path ?? "requirements.lock", variables: section.variables,
            secrets: section.secrets, image: section.image)
    }
}
