import AssayCore
import AssayEnvironment
import AssayStore

/// Compares two bundles, one component a function.
struct BundleComparison {
    let old: Bundle
    let new: Bundle
    let store: Store

    private typealias Pair = (path: String, old: FileEntry?, new: FileEntry?)

    /// The files of the two that are not equal, of one component, by path.
    private func differingFiles(of component: String) -> [(
        path: String, old: FileEntry?, new: FileEntry?
    )] {
        func index(_ bundle: Bundle) -> [String: FileEntry] {
            Dictionary(
                bundle.files.filter { bundle.config.component(ofFile: $0.path) == component }
                    .map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        }
        let (before, after) = (index(old), index(new))
        return Set(before.keys).union(after.keys).sorted(by: RelativePath.precedes).compactMap {
            path in
            let (a, b) = (before[path], after[path])
            guard a?.digest != b?.digest || a?.mode != b?.mode else { return nil }
            return (path, a, b)
        }
    }

    private func describe(_ pair: Pair) -> String {
        switch (pair.old, pair.new) {
        case (nil, let new?): "added, \(ByteCount(new.size))"
        case (let old?, nil): "removed, was \(ByteCount(old.size))"
        case (let old?, let new?) where old.digest == new.digest:
            "mode changed, \(old.mode) → \(new.mode)"
        case (let old?, let new?): "\(ByteCount(old.size)) → \(ByteCount(new.size))"
        case (nil, nil): ""
        }
    }

    private func fileChanges(_ component: String) -> [ComponentChange] {
        differingFiles(of: component).compactMap { pair in
            let present = (pair.old.map { _ in true }, pair.new.map { _ in true })
            let kind = ComponentChange.kind(present.0, present.1) ?? .changed
            return ComponentChange(component, pair.path, kind, "\(pair.path): \(describe(pair))")
        }
    }

    func code() -> [ComponentChange] { fileChanges("code") }

    func features() throws(AssayError) -> [ComponentChange] {
        var changes: [ComponentChange] = []
        for pair in differingFiles(of: "features") {
            guard let before = pair.old, let after = pair.new, before.size <= 1 << 20,
                after.size <= 1 << 20,
                let old = ScalarMap.read(try store.contents(of: before), file: pair.path),
                let new = ScalarMap.read(try store.contents(of: after), file: pair.path)
            else {
                let kind: ComponentChange.Kind =
                    pair.old == nil ? .added : pair.new == nil ? .removed : .changed
                changes.append(
                    ComponentChange("features", pair.path, kind, "\(pair.path): \(describe(pair))"))
                continue
            }
            let lines = ScalarChanges.lines(old, new)
            let summary =
                lines.isEmpty
                ? "\(pair.path): only its form changed, every value is equal"
                : "\(pair.path): \(lines.count) \(lines.count == 1 ? "value" : "values") changed"
            changes.append(ComponentChange("features", pair.path, .changed, summary, lines))
        }
        if old.config.features.paths != new.config.features.paths {
            let paths = { (bundle: Bundle) in bundle.config.features.paths.joined(separator: ", ") }
            changes.append(
                ComponentChange(
                    "features", "", .changed, "the list of files: \(paths(old)) → \(paths(new))"))
        }
        return changes
    }

    func items(
        _ list: KeyPath<BundleConfig, [BundleItem]>, component: String
    ) throws(AssayError) -> [ComponentChange] {
        func index(_ bundle: Bundle) -> [String: BundleItem] {
            Dictionary(
                bundle.config[keyPath: list].map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        }
        let (before, after) = (index(old), index(new))
        var changes: [ComponentChange] = []
        for name in Set(before.keys).union(after.keys).sorted(by: RelativePath.precedes) {
            guard let kind = ComponentChange.kind(before[name], after[name]) else { continue }
            var details: [String] = []
            var summary = "\(name): \(kind.rawValue)"
            switch (before[name], after[name]) {
            case (let a?, let b?):
                summary = "\(name): \(describe(a, in: old)) → \(describe(b, in: new))"
                if a.path != b.path {
                    details.append("path: \(a.path ?? "none") → \(b.path ?? "none")")
                }
                if a.kind != b.kind {
                    details.append("kind: \(a.kind ?? "none") → \(b.kind ?? "none")")
                }
                if a.digest != b.digest { details += try contentChanges(a, b) }
            case (nil, let b?): summary = "\(name): added, \(describe(b, in: new))"
            case (let a?, nil): summary = "\(name): removed, was \(describe(a, in: old))"
            case (nil, nil): break
            }
            changes.append(ComponentChange(component, name, kind, summary, details))
        }
        return changes
    }

    private func describe(_ item: BundleItem, in bundle: Bundle) -> String {
        guard let path = item.path else { return "\(item.digest.short), kept elsewhere" }
        let size = bundle.files.filter { RelativePath.isWithin($0.path, path) }
            .reduce(0) { $0 + $1.size }
        return "\(item.digest.short) (\(ByteCount(size)))"
    }

    private func contentChanges(_ a: BundleItem, _ b: BundleItem) throws(AssayError) -> [String] {
        if case .tree(let oldPath, _) = a.content, case .tree(let newPath, _) = b.content {
            return treeChanges(oldPath, newPath)
        }
        guard case .file(let oldPath, _) = a.content, case .file(let newPath, _) = b.content,
            let before = old.file(at: oldPath), let after = new.file(at: newPath),
            before.size <= 64 << 20, after.size <= 64 << 20,
            let oldModel = ModelText(lightGBM: try store.contents(of: before)),
            let newModel = ModelText(lightGBM: try store.contents(of: after))
        else { return [] }
        return ModelText.changes(oldModel, newModel)
    }

    private func treeChanges(_ oldPath: String, _ newPath: String) -> [String] {
        func index(_ bundle: Bundle, _ path: String) -> [String: String] {
            Dictionary(
                bundle.files.filter { RelativePath.isWithin($0.path, path) }
                    .map {
                        (
                            String($0.path.dropFirst(path.count + 1)),
                            "\($0.digest.short) (\(ByteCount($0.size)))"
                        )
                    }, uniquingKeysWith: { $1 })
        }
        return ScalarChanges.lines(index(old, oldPath), index(new, newPath))
    }
}
