import AssayCore
import AssayInspection
import AssayStore

extension BundleComparison {
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
            switch (before[name], after[name]) {
            case (let a?, let b?): changes.append(try item(component, name, a, b))
            case (nil, let b?):
                changes.append(
                    ComponentChange(
                        component, name, kind, "\(name): added, \(describe(b, in: new))"))
            case (let a?, nil):
                changes.append(
                    ComponentChange(
                        component, name, kind, "\(name): removed, was \(describe(a, in: old))"))
            case (nil, nil): break
            }
        }
        return changes
    }

    private func item(
        _ component: String, _ name: String, _ a: BundleItem, _ b: BundleItem
    ) throws(AssayError) -> ComponentChange {
        var details: [String] = []
        if a.path != b.path { details.append("path: \(a.path ?? "none") → \(b.path ?? "none")") }
        if a.kind != b.kind { details.append("kind: \(a.kind ?? "none") → \(b.kind ?? "none")") }
        var summary = "\(name): \(describe(a, in: old)) → \(describe(b, in: new))"
        if a.digest == b.digest {
            return ComponentChange(component, name, .changed, summary, details)
        }
        if case .file(let oldPath, _) = a.content, case .file(let newPath, _) = b.content {
            let pair = (newPath, old.file(at: oldPath), new.file(at: newPath))
            let contents = try contents(pair)
            if let contents {
                if contents.kind == .bytes {
                    details.append(contents.headline)
                } else {
                    summary = "\(name): \(contents.headline)"
                }
                details += contents.lines
            }
            return ComponentChange(component, name, .changed, summary, details, contents: contents)
        }
        if case .tree(let oldPath, _) = a.content, case .tree(let newPath, _) = b.content {
            details += try treeChanges(oldPath, newPath)
        }
        return ComponentChange(component, name, .changed, summary, details)
    }

    private func describe(_ item: BundleItem, in bundle: Bundle) -> String {
        guard let path = item.path else { return "\(item.digest.short), kept elsewhere" }
        let size = bundle.files.filter { RelativePath.isWithin($0.path, path) }
            .reduce(0) { $0 + $1.size }
        return "\(item.digest.short) (\(ByteCount(size)))"
    }

    /// The files of two directories that differ, each with what is known of how.
    private func treeChanges(
        _ oldPath: String, _ newPath: String
    ) throws(AssayError) -> [String] {
        func index(_ bundle: Bundle, _ path: String) -> [String: FileEntry] {
            Dictionary(
                bundle.files.filter { RelativePath.isWithin($0.path, path) && $0.path != path }
                    .map { (String($0.path.dropFirst(path.count + 1)), $0) },
                uniquingKeysWith: { $1 })
        }
        var lines: [String] = []
        for pair in Self.pairs(index(old, oldPath), index(new, newPath)) {
            if let contents = try contents(pair) {
                lines.append("\(pair.path): \(contents.headline)")
                lines += contents.lines.map { "    \($0)" }
            } else {
                lines.append("\(pair.path): \(describe(pair))")
            }
        }
        return lines
    }
}
