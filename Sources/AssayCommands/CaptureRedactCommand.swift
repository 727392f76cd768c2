import ArgumentParser
import AssayCapture
import AssayCore

/// `assay capture redact`: a capture without what the rules of `assay.yaml` take out.
struct CaptureRedactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redact",
        abstract: "Make a capture without what `capture.redact` in assay.yaml takes out.",
        discussion: """
            The new capture has another id. The old one stays until it is deleted, as the last line \
            says how.

            Example:
              assay capture redact core --name core-redacted
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The new capture's name.", valueName: "name")) var name: String
    @Argument(help: "The capture's name or id.") var capture: String

    func run() throws {
        let workspace = try global.openWorkspace()
        let found = try Capture.open(capture, store: try workspace.openStore())
        let rules = try CaptureRules.of(workspace)
        let redactor = try CaptureRules.redactor(of: workspace)
        let derivation = CaptureDerivation(workspace: workspace, output: global.output)
        var counts: [String: Int] = [:]
        let sealed = try derivation.make(name, losses: found.summary.losses) { sorter, losses in
            try found.forEach { (exchange) throws(AssayError) in
                var exchange = exchange
                let before = Set(exchange.redacted)
                do throws(AssayError) {
                    for note in try redactor.apply(to: &exchange, found: rules) {
                        losses.note(note)
                    }
                } catch  where error.code == .unsupported {
                    return losses.lose(\.unsupported, Redactor.refusal)
                }
                for place in exchange.redacted where !before.contains(place) {
                    counts[place, default: 0] += 1
                }
                try sorter.append(exchange)
            }
        }
        derivation.report(sealed, as: name)
        guard !global.output.isJSON else { return }
        for (place, count) in counts.sorted(by: { $0.key < $1.key }) {
            global.output.result("  redacted \(count) × \(place)")
        }
        if sealed.capture.id == found.id {
            global.output.result("nothing was there to redact: it is the same capture")
        } else {
            global.output.result(
                "capture \(found.id.short) still holds what was redacted: give it up with "
                    + "`assay capture remove \(capture)`")
        }
    }
}
