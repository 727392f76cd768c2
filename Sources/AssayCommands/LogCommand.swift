import ArgumentParser
import AssayBundling
import AssayCore
import AssayPromotion

/// `assay log`: who promoted what, when, on which verdict.
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Print every promotion and rollback, the newest first.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Only this stage.", valueName: "stage")) var stage: String?

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let service = try workspace.definition().name
        let entries = try Ledger(repository: workspace.repository).log(service: service)
            .filter { stage == nil || $0.stage == stage }
        for entry in entries {
            if output.isJSON {
                output.result(entry.document)
                continue
            }
            let reason = entry.reason.map { " (\($0))" } ?? ""
            output.result(
                "\(UTCTime.text(entry.time))  \(entry.kind.rawValue) of \(entry.bundle.short) to \(entry.stage) "
                    + "by \(entry.by)\(reason)")
            output.result("    verdict \(entry.verdictDigest.short), \(entry.verdict)")
            output.result("    \(policy(of: entry))")
        }
        if entries.isEmpty, !output.isJSON {
            output.note("nothing of \(service) was ever promoted")
        }
    }

    private func policy(of entry: LedgerEntry) -> String {
        guard let policy = entry.policy else { return "policy not recorded by that version" }
        let place = entry.policyCommit.map { "at commit \($0.prefix(12))" } ?? "in the work tree"
        return "policy \(policy.short), read \(place)"
    }
}
