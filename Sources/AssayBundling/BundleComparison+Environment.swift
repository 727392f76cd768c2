import AssayCore
import AssayEnvironment
import AssayStore

extension BundleComparison {
    func environment() throws(AssayError) -> [ComponentChange] {
        let (before, after) = (old.config.environment, new.config.environment)
        guard before != after else { return [] }
        var changes: [ComponentChange] = []
        func scalar(_ name: String, _ a: String?, _ b: String?) {
            guard let kind = ComponentChange.kind(a, b) else { return }
            changes.append(
                ComponentChange(
                    "environment", name, kind, "\(name): \(a ?? "none") → \(b ?? "none")"))
        }
        scalar("kind", before.kind.rawValue, after.kind.rawValue)
        scalar("python", before.python?.description, after.python?.description)
        scalar("image", before.image, after.image)
        changes += try packages()
        for name in Set(before.variables.keys).union(after.variables.keys).sorted() {
            scalar("variable \(name)", before.variables[name], after.variables[name])
        }
        for name in Set(before.secrets).symmetricDifference(after.secrets).sorted() {
            let isNew = after.secrets.contains(name)
            changes.append(
                ComponentChange(
                    "environment", "secret \(name)", isNew ? .added : .removed,
                    "secret \(name): \(isNew ? "added" : "removed")"))
        }
        return changes
    }

    /// The packages whose locked versions differ, those that compute first.
    private func packages() throws(AssayError) -> [ComponentChange] {
        guard old.config.environment.lock != new.config.environment.lock else { return [] }
        let (before, after) = (try locked(old), try locked(new))
        var changes: [ComponentChange] = []
        for name in Set(before.keys).union(after.keys).sorted(by: RelativePath.precedes) {
            guard let kind = ComponentChange.kind(before[name], after[name]) else { continue }
            let (a, b) = (before[name]?.version, after[name]?.version)
            let summary =
                a == b
                ? "\(name) \(a ?? ""): the same version, with other hashes or markers"
                : "\(name): \(a ?? "not there") → \(b ?? "removed")"
            changes.append(ComponentChange("environment", name, kind, summary))
        }
        if changes.isEmpty {
            let summary = "the lock's text changed, every package in it is equal"
            changes.append(ComponentChange("environment", "lock", .changed, summary))
        }
        let isNumeric = { (change: ComponentChange) in
            EnvironmentComparison.isNumeric(package: change.name)
        }
        return changes.filter(isNumeric) + changes.filter { !isNumeric($0) }
    }

    /// What one bundle locks, for a package: its versions and hashes, without the lines they
    /// stand on.
    private struct Locked: Equatable {
        let version: String
        let rest: [String]
    }

    private func locked(_ bundle: Bundle) throws(AssayError) -> [String: Locked] {
        guard let lock = bundle.config.environment.lock, let entry = bundle.file(at: lock.path)
        else { return [:] }
        let parsed = try InstallableLock(try store.contents(of: entry), file: lock.path)
        return Dictionary(grouping: parsed.requirements.requirements, by: \.name).mapValues {
            requirements in
            Locked(
                version: requirements.map(\.version).joined(separator: " or "),
                rest: requirements.flatMap { $0.hashes + $0.extras + [$0.marker ?? ""] })
        }
    }

    func serve() -> [ComponentChange] {
        let (before, after) = (old.config.serve, new.config.serve)
        var changes: [ComponentChange] = []
        func compare(_ name: String, _ a: String, _ b: String) {
            if a != b {
                changes.append(ComponentChange("serve", name, .changed, "\(name): \(a) → \(b)"))
            }
        }
        compare(
            "command", before.command.joined(separator: " "), after.command.joined(separator: " "))
        compare("ready", describe(before.ready), describe(after.ready))
        compare("timeout", "\(before.timeout)", "\(after.timeout)")
        let names = { (spec: ServeSpec) in
            spec.egress.map { "\($0.name) (\($0.variable))" }.joined(separator: ", ")
        }
        compare("egress", names(before), names(after))
        return changes
    }

    private func describe(_ ready: ServeSpec.Readiness) -> String {
        switch ready {
        case .http(let path): "http \(path)"
        case .tcp: "tcp"
        case .line(let text): "a line with `\(text)`"
        }
    }
}
