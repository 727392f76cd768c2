import ArgumentParser
import AssayCapture
import AssayCore

/// `assay capture label`: a capture with labels that were learned later.
struct CaptureLabelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Join labels that were learned later to a capture's exchanges.",
        discussion: """
            A CSV file of two columns with titles, or JSON lines with `key` or `id` and `label`. What \
            found no partner is counted, on both sides.

            Example:
              assay capture label core --labels truth.csv --name core-labelled
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The new capture's name.", valueName: "name")) var name: String
    @Option(help: ArgumentHelp("The labels.", valueName: "file")) var labels: String
    @Argument(help: "The capture's name or id.") var capture: String

    func run() throws {
        let workspace = try global.openWorkspace()
        let found = try Capture.open(capture, store: try workspace.openStore())
        let map = try CaptureRules.labels(
            labels, rules: try CaptureRules.of(workspace),
            redactor: try CaptureRules.redactor(of: workspace))
        let derivation = CaptureDerivation(workspace: workspace, output: global.output)
        let sealed = try derivation.make(name, losses: found.summary.losses, labels: map) {
            sorter, _ in
            try found.forEach { (exchange) throws(AssayError) in try sorter.append(exchange) }
        }
        derivation.report(sealed, as: name)
        if !global.output.isJSON { global.output.result(CaptureText.labels(sealed)) }
    }
}
