import ArgumentParser
import AssayCapture
import AssayCore
import AssayReports

/// `assay capture scan`: secrets and personal data that no rule covers.
struct CaptureScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Look for secrets and personal data that no redaction rule covers.",
        discussion: """
            Finds keys and tokens of known forms, credentials, private keys, e-mail addresses, card \
            and account numbers with a valid check digit. Exit code 1 if something was found. What \
            was found is never printed whole.

            Example:
              assay capture scan core
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The capture's name or id.") var capture: String

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let found = try Capture.open(capture, store: try workspace.openStore())
        let redactor = try CaptureRules.redactor(of: workspace)
        var report = SecretReport()
        try found.forEach { (exchange) throws(AssayError) in
            var exchange = exchange
            let id = exchange.id
            do throws(AssayError) {
                _ = try redactor.apply(to: &exchange)
            } catch  where error.code == .unsupported {
                // What cannot be redacted is looked through as it is.
            }
            report.add(exchange, id: id)
        }
        if output.isJSON {
            output.result(report.document)
        } else if report.rows.isEmpty {
            output.result("nothing was found in \(found.summary.exchanges) exchanges")
        } else {
            let rows = report.rows.map { row in
                ["\(row.count)", row.kind, row.place, "\(capture)#\(row.example)", row.excerpt]
                    .map(SafeText.clean)
            }
            for line in TextTable(
                header: ["exchanges", "kind", "place", "first", "begins"], rows: rows,
                rightAligned: [0]
            ).lines {
                output.result(line)
            }
            output.result(
                "write rules for these places under `capture.redact` in assay.yaml, then run "
                    + "`assay capture redact \(capture) --name NAME`")
        }
        if !report.rows.isEmpty { throw ExitCode(1) }
    }
}
