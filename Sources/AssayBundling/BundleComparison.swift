import AssayCore
import AssayEnvironment
import AssayInspection
import AssayStore
import AssaySystem
import SystemPackage

/// Compares two bundles, one component a function.
struct BundleComparison {
    let old: Bundle
    let new: Bundle
    let store: Store
    let depth: BundleDiff.Depth

    typealias Pair = (path: String, old: FileEntry?, new: FileEntry?)

    /// The files of the two that are not equal, of one component, by path.
    func differingFiles(of component: String) -> [Pair] {
        func index(_ bundle: Bundle) -> [String: FileEntry] {
            Dictionary(
                bundle.files.filter { bundle.config.component(ofFile: $0.path) == component }
                    .map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        }
        return Self.pairs(index(old), index(new))
    }

    static func pairs(_ before: [String: FileEntry], _ after: [String: FileEntry]) -> [Pair] {
        Set(before.keys).union(after.keys).sorted(by: RelativePath.precedes).compactMap { path in
            let (a, b) = (before[path], after[path])
            guard a?.digest != b?.digest || a?.mode != b?.mode else { return nil }
            return (path, a, b)
        }
    }

    func describe(_ pair: Pair) -> String {
        switch (pair.old, pair.new) {
        case (nil, let new?): "added, \(ByteCount(new.size))"
        case (let old?, nil): "removed, was \(ByteCount(old.size))"
        case (let old?, let new?) where old.digest == new.digest:
            "mode changed, \(old.mode) → \(new.mode)"
        case (let old?, let new?): "\(ByteCount(old.size)) → \(ByteCount(new.size))"
        case (nil, nil): ""
        }
    }

    /// What a pair of files changes of a component: by its contents where they are understood.
    private func change(_ component: String, _ pair: Pair) throws(AssayError) -> ComponentChange {
        let present = (pair.old.map { _ in true }, pair.new.map { _ in true })
        let kind = ComponentChange.kind(present.0, present.1) ?? .changed
        let sameMode = pair.old?.mode == pair.new?.mode
        guard let contents = try contents(pair), contents.kind != .bytes,
            sameMode || !contents.hasEqualValues
        else {
            return ComponentChange(component, pair.path, kind, "\(pair.path): \(describe(pair))")
        }
        return ComponentChange(
            component, pair.path, kind, "\(pair.path): \(contents.headline)", contents.lines,
            contents: contents)
    }

    func code() throws(AssayError) -> [ComponentChange] {
        var changes: [ComponentChange] = []
        for pair in differingFiles(of: "code") {
            // Of code, only settings are read: a module is what it says, line by line.
            if ContentComparison.isSettings(pair.path) {
                changes.append(try change("code", pair))
            } else {
                let present = (pair.old.map { _ in true }, pair.new.map { _ in true })
                let kind = ComponentChange.kind(present.0, present.1) ?? .changed
                changes.append(
                    ComponentChange("code", pair.path, kind, "\(pair.path): \(describe(pair))"))
            }
        }
        return changes
    }

    func features() throws(AssayError) -> [ComponentChange] {
        var changes: [ComponentChange] = []
        for pair in differingFiles(of: "features") {
            changes.append(try change("features", pair))
        }
        if old.config.features.paths != new.config.features.paths {
            let paths = { (bundle: Bundle) in bundle.config.features.paths.joined(separator: ", ") }
            changes.append(
                ComponentChange(
                    "features", "", .changed, "the list of files: \(paths(old)) → \(paths(new))"))
        }
        return changes
    }

    /// How the contents of two files differ; `nil` for what only one bundle has, for equal contents,
    /// links, and what is not read at this depth.
    func contents(_ pair: Pair) throws(AssayError) -> ContentDifference? {
        guard let before = pair.old, let after = pair.new, before.digest != after.digest,
            before.mode != .symlink, after.mode != .symlink
        else { return nil }
        if depth == .brief {
            guard max(before.size, after.size) <= 64 << 20, !ContentComparison.isTable(after.path)
            else { return nil }
        }
        try FileSystem.makeDirectory(store.cache)
        let directory = try TemporaryDirectory(in: store.cache, prefix: "diff-")
        let (left, right) = (directory.path.appending("old"), directory.path.appending("new"))
        try store.extract(before, to: left, mode: 0o600)
        try store.extract(after, to: right, mode: 0o600)
        do throws(AssayError) {
            return try ContentComparison.compare(
                InspectedFile(name: before.path, path: left),
                InspectedFile(name: after.path, path: right))
        } catch {
            switch error.code {
            case .damaged, .invalidDocument, .unsupported, .limit:
                return .byHash(because: error.message)
            default: throw error
            }
        }
    }
}
