import ArgumentParser
import AssayCapture
import AssayCore

/// `assay capture merge`: several captures as one.
struct CaptureMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make one capture of several.",
        discussion: """
            Exchanges that several captures hold stay as many; with --unique only the first is kept.

            Example:
              assay capture merge monday tuesday --name week
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The new capture's name.", valueName: "name")) var name: String
    @Flag(help: "Keep one of equal exchanges.") var unique = false
    @Argument(help: "The captures' names or ids.") var captures: [String]

    func validate() throws {
        guard captures.count > 1 else { throw ValidationError("name at least two captures") }
    }

    func run() throws {
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        let found = try captures.map { try Capture.open($0, store: store) }
        var losses = CaptureLosses()
        for capture in found { losses.add(capture.summary.losses) }
        let derivation = CaptureDerivation(workspace: workspace, output: global.output)
        let sealed = try derivation.make(name, losses: losses) { sorter, losses in
            var seen: Set<String> = []
            for capture in found {
                try capture.forEach { (exchange) throws(AssayError) in
                    if unique, !seen.insert(exchange.id).inserted {
                        losses.skip(1, "is in several of the captures")
                    } else {
                        try sorter.append(exchange)
                    }
                }
            }
        }
        derivation.report(sealed, as: name)
    }
}
