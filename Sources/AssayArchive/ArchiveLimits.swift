/// How much an archive may hold before it counts as an attack or a mistake.
public struct ArchiveLimits: Hashable, Sendable {
    /// Entries of any kind.
    public var entries = 1_000_000
    /// Bytes of all files together.
    public var bytes = 1 << 40
    /// Bytes of all files for each byte of the archive, counted above `free`.
    public var ratio = 200
    /// Bytes that any archive may unpack to, whatever its ratio.
    public var free = 256 << 20
    /// Directories within one another.
    public var depth = 64

    /// The limits that suit data and models.
    public init() {}
}
