import AssayConfiguration
public import AssayCore
import AssayStore

/// Which files of a directory an item means: patterns relative to that directory.
public struct ItemSelection: Hashable, Sendable {
    /// A file belongs to it if one of these matches; every file if there is none.
    public let include: [Glob]
    /// …and none of these does.
    public let exclude: [Glob]

    /// Every file.
    static let all = ItemSelection(include: [], exclude: [])

    private init(include: [Glob], exclude: [Glob]) {
        self.include = include
        self.exclude = exclude
    }

    init(_ fields: ConfigurationNode) throws(AssayError) {
        include = try Self.globs(fields.optional("include"), of: fields)
        exclude = try Self.globs(fields.optional("exclude"), of: fields)
    }

    private static func globs(
        _ node: ConfigurationNode?, of fields: ConfigurationNode
    ) throws(AssayError) -> [Glob] {
        guard let node else { return [] }
        guard try fields.optional("path") != nil else {
            throw node.failure("only an item with a `path` has patterns")
        }
        var globs: [Glob] = []
        for element in try node.sequence() { globs.append(Glob(try element.path())) }
        return globs
    }

    /// Keeps the files beneath `directory` that are selected. Throws `.usage` if none is, or if
    /// `directory` is a single file, which has no patterns.
    func filter(
        _ files: [FileEntry], beneath directory: String, name: String
    ) throws(AssayError) -> [FileEntry] {
        guard !include.isEmpty || !exclude.isEmpty else { return files }
        if files.contains(where: { $0.path == directory }) {
            throw AssayError(
                .usage,
                "could not take \(name) into a bundle: \(directory) is a file, and `include` and `exclude` are for directories"
            )
        }
        let kept = files.filter { file in
            let path = String(file.path.dropFirst(directory.count + 1))
            return (include.isEmpty || include.contains { $0.matches(path) })
                && !exclude.contains { $0.matches(path) }
        }
        guard !kept.isEmpty else {
            throw AssayError(
                .usage,
                "could not take \(name) into a bundle: its patterns select none of the \(files.count) files in \(directory)"
            )
        }
        return kept
    }
}
