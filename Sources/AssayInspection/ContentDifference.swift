public import AssayCore
public import SystemPackage

/// How two versions of a file differ, in the words of its kind.
public struct ContentDifference: Hashable, Sendable {
    /// What the files were understood as: `table`, `settings`, `tensors`, `trees`, or `bytes` for
    /// files that were compared by their hash alone.
    public let kind: Kind
    /// One line for people.
    public let headline: String
    /// More lines for people, the most important ones first.
    public let lines: [String]
    /// Everything, for programs.
    public let document: JSONValue

    /// Whether the files are settings that differ in their form alone.
    public var hasEqualValues: Bool { kind == .settings && document == .array([]) }

    /// What files can be understood as.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case table, settings, tensors, trees, bytes
    }

    /// Files that were compared by their hash alone, with a clause that says why.
    public static func byHash(because reason: String) -> ContentDifference {
        ContentDifference(
            kind: .bytes, headline: "other bytes; compared by their hash alone, since \(reason)",
            lines: [], document: .null)
    }
}

/// One of the two files that are compared.
public struct InspectedFile: Hashable, Sendable {
    /// What it is called in its bundle; its ending tells what it may be.
    public let name: String
    /// Where its bytes are.
    public let path: FilePath

    /// Names a file.
    public init(name: String, path: FilePath) {
        self.name = name
        self.path = path
    }
}
