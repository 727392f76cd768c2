import AssayBundling
import AssayCore
import AssayGit

/// How a comparison of two bundles is shown: a summary of one line a component, then details.
struct BundleDiffView {
    let diff: BundleDiff
    let history: CodeHistory
    /// The one component to show; `nil` for all.
    let only: String?

    /// Without `only`, no more lines than this are shown of one change.
    private static let maximumDetails = 12

    /// Whether what is shown differs.
    var differs: Bool {
        only.map { diff.changed.contains($0) } ?? (diff.old.id != diff.new.id)
    }

    private var components: [String] { only.map { [$0] } ?? BundleConfig.componentNames }

    private func changes(_ component: String) -> [ComponentChange] {
        diff.changes.filter { $0.component == component }
    }

    var document: JSONValue {
        guard case .object(var members) = diff.json else { return diff.json }
        members["commits"] = history.json
        if let only {
            members["changes"] = .array(
                (members["changes"].flatMap { value -> [JSONValue]? in
                    if case .array(let all) = value { return all }
                    return nil
                } ?? []).filter { change in
                    guard case .object(let fields) = change else { return false }
                    return fields["component"] == .string(only)
                })
        }
        return .object(members)
    }

    var lines: [String] {
        guard differs else {
            if let only {
                return ["\(only) is equal in \(diff.old.id.short) and \(diff.new.id.short)"]
            }
            return ["the bundles are equal: \(diff.old.id.short)"]
        }
        var lines = ["\(diff.new.service)  \(diff.old.id.short) → \(diff.new.id.short)"]
        let width = components.map(\.count).max() ?? 0
        for component in components {
            lines.append("  \(component.padding(to: width))  \(summary(component))")
        }
        for component in components where diff.changed.contains(component) {
            let details = details(component)
            guard !details.isEmpty else { continue }
            lines.append("")
            lines.append(component)
            lines += details.map { "  \($0)" }
        }
        return lines
    }

    /// One line on a component.
    private func summary(_ component: String) -> String {
        guard diff.changed.contains(component) else { return "unchanged" }
        let changes = changes(component)
        guard changes.count != 1 || component == "code" else { return Self.cut(changes[0].summary) }
        var parts: [String] = []
        for kind in [ComponentChange.Kind.added, .removed, .changed] {
            let count = changes.count { $0.kind == kind }
            if count > 0 { parts.append("\(count) \(kind.rawValue)") }
        }
        let things = component == "code" || component == "features" ? "files" : "items"
        var line = "\(things): \(parts.joined(separator: ", "))"
        if component == "code" {
            if !history.added.isEmpty || !history.removed.isEmpty { line += "; \(commits)" }
        } else if let first = changes.first {
            line += "; first \(first.summary)"
        }
        return Self.cut(line)
    }

    private var commits: String {
        let added = "\(history.added.count) \(history.added.count == 1 ? "commit" : "commits")"
        if history.removed.isEmpty { return added }
        return "\(added) more, \(history.removed.count) that only the old one has"
    }

    private func details(_ component: String) -> [String] {
        var lines: [String] = []
        if component == "code" {
            if let gap = history.gap { lines.append("commits: \(gap)") }
            lines += limited(
                history.added.map { "commit \($0.id.short)  \($0.summary)" }
                    + history.removed.map { "only before: commit \($0.id.short)  \($0.summary)" })
        }
        for change in changes(component) {
            lines.append(change.summary)
            lines += limited(change.details).map { "    \($0)" }
        }
        return component == "code" && only == nil ? limited(lines, 40) : lines
    }

    private func limited(_ lines: [String], _ maximum: Int = maximumDetails) -> [String] {
        guard only == nil, lines.count > maximum else { return lines }
        return Array(lines.prefix(maximum)) + [
            "… and \(lines.count - maximum) more lines; see `--component`"
        ]
    }

    private static func cut(_ line: String) -> String {
        line.count > 110 ? "\(line.prefix(109))…" : line
    }
}
