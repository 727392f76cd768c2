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
        for file in files { output.result("\(file.state) since it was tracked: \(file.path)") }
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
}
