import ArgumentParser
import AssayBundling
import AssayCore
import AssayPromotion
import AssayReports

/// `assay status`: what each stage has, and which tracked files changed.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Print what each stage has, and tracked files that changed.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let service = try workspace.definition().name
        let entries = try Ledger(repository: workspace.repository).stages(of: service)
        let files = try Pinning.status(
            directory: workspace.servicePath, repository: workspace.repository,
            store: try workspace.storeIfAny()
        )
        .filter { $0.state != .unchanged }
        if output.isJSON {
            return output.result([
                "schema": "assay/status/v1", "service": JSONValue(service),
                "stages": .array(entries.map(\.document)),
                "files": .array(
                    files.map { ["path": JSONValue($0.path), "state": JSONValue("\($0.state)")] }),
            ])
        }
        for file in files { output.result(Self.line(file)) }
        if files.contains(where: { $0.state == .changed || $0.state == .missing }) {
            output.note(
                "keep changes with `assay track PATH`, or put tracked files back with "
                    + "`assay track --restore`")
        }
        guard !entries.isEmpty else {
            return output.result(
                "nothing of \(service) is promoted yet; gate a bundle with `assay gate`")
        }
        let rows = entries.map { entry in
            [
                entry.stage, entry.bundle.short, entry.commit.map { String($0.prefix(12)) } ?? "–",
                UTCTime.text(entry.time), entry.by, entry.kind.rawValue,
            ]
        }
        for line in TextTable(
            header: ["stage", "bundle", "commit", "since", "by", "how"], rows: rows
        ).lines {
            output.result(line)
        }
    }

    private static func line(_ file: Pinning.Status) -> String {
        switch file.state {
        case .unchanged: "as tracked: \(file.path)"
        case .changed: "changed since it was tracked: \(file.path)"
        case .missing: "tracked, and not in the work tree: \(file.path)"
        case .untracked: "named in assay.yaml, and neither in git nor tracked: \(file.path)"
        }
    }
}
